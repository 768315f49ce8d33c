"""systemd's service that a process runs in, from its cgroup file (cgroups(7), systemd.unit(5))."""

from __future__ import annotations


def service(cgroup: bytes) -> str | None:
    """Give systemd's service that a process belongs to, which can be restarted; None outside of services.

    The innermost one of its own hierarchy, of version 1 (name=systemd) or 2: of a user's manager, the user's service.
    """
    for line in cgroup.split(b"\n"):
        _, _, rest = line.partition(b":")
        controllers, _, path = rest.partition(b":")
        if controllers in (b"", b"name=systemd"):
            services = [name for name in path.split(b"/") if name.endswith(b".service")]
            if services:
                return services[-1].decode("utf-8", "replace")
    return None
