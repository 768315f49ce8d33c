# Takes stock of this host once, whether stocktake is installed or not, and keeps the whole result in a file of root alone.
# Printed are at most 2,000 bytes: how each section ended. STOCKTAKE_SECTIONS names sections, all but integrity without it;
# STOCKTAKE_OUTPUT the file; STOCKTAKE_ARCHIVE and STOCKTAKE_SHA256 the single file that is used where stocktake is not
# installed, and its digest.
set -eu
umask 077
most=2000

fetch() {
    if command -v curl >/dev/null; then curl --fail --silent --show-error --max-time 60 -o "$2" "$1"; else wget -q --timeout=60 -O "$2" "$1"; fi
}

# scan FILE [WORD ...]: runs what was found.
scan() {
    output=$1
    shift
    if command -v stocktake >/dev/null; then
        stocktake scan "$@" --format ndjson --output "$output"
    elif [ -n "${STOCKTAKE_ARCHIVE-}" ]; then
        fetch "$STOCKTAKE_ARCHIVE" "$folder/stocktake.pyz"
        echo "$STOCKTAKE_SHA256  $folder/stocktake.pyz" | sha256sum --check --quiet >&2 || return 2
        python3 "$folder/stocktake.pyz" scan "$@" --format ndjson --output "$output"
    else
        echo "stocktake: not installed here, and no archive was named" >&2
        return 2
    fi
}

main() {
    case "${STOCKTAKE_SECTIONS-} ${STOCKTAKE_OUTPUT-}" in *[!A-Za-z0-9/._\ -]*) echo "stocktake: a word has a letter that none has"; exit 2 ;; esac
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    output=${STOCKTAKE_OUTPUT:-/var/log/stocktake-scan.ndjson}
    rm -f "$output" # what is said of it below must be of this scan
    code=0
    # shellcheck disable=SC2086 # sections are words
    scan "$output" ${STOCKTAKE_SECTIONS-} 2>"$folder/errors" || code=$?
    {
        echo "stocktake: exit code $code; the whole result is in $output"
        grep -o '^{"section":"[a-z]*","kind":"section","status":"[a-z_]*","count":[0-9]*,"gaps":[0-9]*' "$output" 2>/dev/null |
            sed 's/^{"section":"\(.*\)","kind":"section","status":"\(.*\)","count":\(.*\),"gaps":\(.*\)/\1: \2, \3 records, \4 gaps/' || true
        cut -c1-300 "$folder/errors"
    } | head -c "$most"
    # Runbook services reboot the host at 194 and 3010, which stocktake never ends with; nor may anything else here.
    case $code in 194 | 3010) code=1 ;; esac
    exit "$code"
}
