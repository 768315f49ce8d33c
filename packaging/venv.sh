# shellcheck shell=sh
# Shell functions that make a virtual environment on a fresh Debian or Ubuntu; sourced by packaging/try and tests/run.

# Print the newest python3 that the backend runs on (3.11 or newer); fail where there is none.
newest_python() {
    for python in /usr/bin/python3.14 /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11 /usr/bin/python3 python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    return 1
}

# Run apt-get as root, by sudo where that is needed.
apt() {
    if [ "$(id -u)" = 0 ]; then apt-get "$@"; else sudo apt-get "$@"; fi
}

# Print that Python; where there is none it is installed, or it is said what was found and what is needed.
find_python() {
    newest_python && return
    if command -v apt-get >/dev/null; then
        echo "installing python3 and python3-venv" >&2
        apt update -qq >&2 || true
        DEBIAN_FRONTEND=noninteractive apt install -y -qq --no-install-recommends python3 python3-venv >&2 || true
        newest_python && return
    fi
    found=$(python3 --version 2>/dev/null) || found="no Python"
    echo "stocktake: $found was found, and Python 3.11 or newer is needed for the backend; the agent alone runs on 3.9" >&2
    echo "stocktake: on RHEL 8 and 9 and their rebuilds: dnf install python3.11; on Ubuntu 22.04: apt install python3.11 python3.11-venv;" >&2
    echo "stocktake: Debian 11 and Ubuntu 20.04 have none: take a newer release" >&2
    return 1
}

# make_venv FOLDER WHAT...: a virtual environment with our distribution, its versions those of the lock.
make_venv() {
    folder=$1
    shift
    python=$(find_python) || return 1
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "installing python3-venv" >&2
        apt update -qq >&2
        DEBIAN_FRONTEND=noninteractive apt install -y -qq --no-install-recommends python3-venv >&2
    fi
    stamp=$folder/made-of
    wanted=$(cat pyproject.toml tests/lock.txt && "$python" --version && echo "$@")
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    echo "setting up $folder" >&2
    rm -rf "$folder"
    "$python" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --constraint tests/lock.txt \
        --config-settings editable_mode=compat --editable "$@" >&2
    printf '%s' "$wanted" >"$stamp"
}
