# Create the account and the state folder that sysusers.d and tmpfiles.d name; where systemd is missing, by hand.
make_account() {
    if command -v systemd-sysusers >/dev/null; then
        systemd-sysusers "@name@.conf"
    elif ! getent passwd "@name@" >/dev/null; then
        useradd --system --user-group --home-dir "/var/lib/@name@" --no-create-home --shell /usr/sbin/nologin "@name@"
    fi
    if command -v systemd-tmpfiles >/dev/null; then
        systemd-tmpfiles --create "@name@.conf"
    else
        mkdir -p -m 0700 "/var/lib/@name@"
        chown "@name@:@name@" "/var/lib/@name@"
    fi
}

compile_modules() {
    "/usr/lib/@name@/compile" || echo "@name@: its modules could not be compiled; every start takes longer" >&2
}

may_start() {
    [ ! -x "/usr/lib/@name@/may-start" ] || "/usr/lib/@name@/may-start"
}
