# Shell function for the programs of this package; sourced. $lowest is the oldest minor version that may be taken.

# Set python and minor to the newest Python that stocktake is tested with; to a newer one where there is no other.
find_python() {
    for minor in 13 12 11 10 9 14 15 16; do
        python=/usr/bin/python3.$minor
        if [ "$minor" -ge "$lowest" ] && [ -x "$python" ] && has_library; then
            return 0
        fi
    done
    echo "stocktake: /usr/bin has no Python from 3.$lowest on that is complete" >&2
    return 1
}

# Tell whether the whole standard library is there; an interpreter's minimal package has a part of it.
has_library() {
    [ -e "/usr/lib/python3.$minor/ctypes/__init__.py" ] || [ -e "/usr/lib64/python3.$minor/ctypes/__init__.py" ]
}
