#!/bin/sh
# Rendered from packaging/cloud/scripts by python -m artefacts.runbooks; not to be edited.
# Installs stocktake from a repository as packaging/repository lays it out, and starts it; doing so again changes nothing.
# Wanted: STOCKTAKE_URL, address of the backend; STOCKTAKE_REPOSITORY, address of the repository. STOCKTAKE_TOKEN lets the
# agent enrol; without it a token must be in place. Secrets are written to files of root alone, and never printed.
set -eu
umask 077

say() { echo "stocktake: $*"; }

configuration() { cat /etc/stocktake/conf.d/backend.yaml /etc/credstore/stocktake.join_token 2>/dev/null | sha256sum; }

configure() {
    install -d -m 0755 /etc/stocktake /etc/stocktake/conf.d
    install -d -m 0700 /etc/credstore
    printf 'backend:\n  url: "%s"\n' "$STOCKTAKE_URL" | write 0644 /etc/stocktake/conf.d/backend.yaml
    if [ -n "${STOCKTAKE_TOKEN-}" ]; then
        printf '%s\n' "$STOCKTAKE_TOKEN" | write 0600 /etc/credstore/stocktake.join_token
    fi
}

# write MODE PATH: replaces a file as a whole by what comes in.
write() {
    cat >"$2.new"
    chmod "$1" "$2.new"
    if cmp -s "$2.new" "$2" 2>/dev/null; then rm "$2.new"; else mv "$2.new" "$2"; fi
}

with_apt() {
    export DEBIAN_FRONTEND=noninteractive
    fetch "$STOCKTAKE_REPOSITORY/stocktake.gpg" | write 0644 /usr/share/keyrings/stocktake.gpg
    echo "deb [signed-by=/usr/share/keyrings/stocktake.gpg] $STOCKTAKE_REPOSITORY/apt stable main" |
        write 0644 /etc/apt/sources.list.d/stocktake.list
    apt-get -qq update -o Dir::Etc::SourceList=/etc/apt/sources.list.d/stocktake.list -o Dir::Etc::SourceParts=/dev/null \
        -o APT::Get::List-Cleanup=0
    apt-get -qq -y -o DPkg::Lock::Timeout=300 install stocktake >/dev/null
}

with_dnf() {
    printf '[stocktake]\nname=stocktake\nbaseurl=%s/rpm\ngpgkey=%s/stocktake.asc\ngpgcheck=1\nrepo_gpgcheck=1\n' \
        "$STOCKTAKE_REPOSITORY" "$STOCKTAKE_REPOSITORY" | write 0644 "$1/stocktake.repo"
    "$2" -q -y "${3:-install}" stocktake >/dev/null
}

fetch() {
    if command -v curl >/dev/null; then curl --fail --silent --show-error --max-time 60 "$1"; else wget -qO- --timeout=60 "$1"; fi
}

main() {
    case "$STOCKTAKE_REPOSITORY $STOCKTAKE_URL" in *[!A-Za-z0-9:/._~\ -]*) say "an address has a letter that none has"; exit 2 ;; esac
    before=$(configuration)
    configure
    if command -v apt-get >/dev/null; then
        with_apt
    elif command -v dnf >/dev/null; then
        with_dnf /etc/yum.repos.d dnf
    elif command -v yum >/dev/null; then
        with_dnf /etc/yum.repos.d yum
    elif command -v zypper >/dev/null; then
        zypper --quiet --non-interactive --gpg-auto-import-keys addrepo --refresh --check "$STOCKTAKE_REPOSITORY/rpm" stocktake || true
        zypper --quiet --non-interactive --gpg-auto-import-keys install stocktake >/dev/null
    else
        say "no package manager that is known"
        exit 1
    fi
    systemctl enable --quiet --now stocktake
    if [ "$before" != "$(configuration)" ]; then systemctl restart stocktake; fi
    say "$(stocktake --version) runs and reports to $STOCKTAKE_URL"
}

# A start-up script of Compute Engine: what it is told stands in the instance's or project's metadata, in stocktake-url,
# stocktake-repository and, where agents enrol by a token, stocktake-token-secret: the name of a version of a secret, as
# projects/PROJECT/secrets/NAME/versions/latest, which the instance's service account may read.
metadata() {
    curl --fail --silent --max-time 5 --header Metadata-Flavor:Google "http://169.254.169.254/computeMetadata/v1/$1"
}

secret() {
    bearer=$(metadata instance/service-accounts/default/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    printf 'header = "Authorization: Bearer %s"\n' "$bearer" |
        curl --fail --silent --max-time 20 --config - "https://secretmanager.googleapis.com/v1/$1:access" |
        sed -n 's/.*"data": *"\([^"]*\)".*/\1/p' | base64 -d
}

attribute() { metadata "instance/attributes/$1" || metadata "project/attributes/$1"; }

STOCKTAKE_URL=$(attribute stocktake-url)
STOCKTAKE_REPOSITORY=$(attribute stocktake-repository)
if name=$(attribute stocktake-token-secret); then
    STOCKTAKE_TOKEN=$(secret "$name")
fi
main
