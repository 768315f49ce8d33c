"""Kernel parameters as configured (sysctl.d(5), sysctl.conf(5)) and as they are now (proc_sys(5))."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.release import release
from agent.checks.sources import drop_ins, key_values

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_CONF = "/etc/sysctl.conf"
_VENDOR = ("/usr/lib/", "/lib/")
_UFW_DEFAULTS = "/etc/default/ufw"
_UFW_CONF = "/etc/ufw/ufw.conf"


class Assignment(NamedTuple):
    """A line that sets a parameter.

    name: With dots, as net.ipv4.ip_forward; perhaps a pattern.
    excluded: Whether the line keeps patterns from setting it (-name without a value).
    vendor: Whether a package brought the file, which those of the administrator outweigh.
    """

    name: str
    value: str
    where: str
    excluded: bool
    vendor: bool


def assignments(system: System) -> tuple[Assignment, ...]:
    """Give all assignments in the order in which they are made.

    sysctl.conf comes after the drop-ins, as sysctl --system reads it, and the file of an enabled ufw last: it loads it
    when it starts. Nothing reads sysctl.conf at the start of Debian 13 and later unless a drop-in is a link to it.
    """
    drop_in = drop_ins.effective(system, "sysctl.d")
    paths = [path for path in drop_in if not _is_conf(system, path)]
    if len(paths) < len(drop_in) or not _is_without_conf(system):
        paths.append(_CONF)
    return tuple(
        _assignment(line) for path in (*paths, *_of_ufw(system)) for line in drop_ins.lines(system, path, "#;")
    )


def configured(system: System, name: str) -> tuple[Assignment, ...]:
    """Give the assignments that reach a parameter, in order; a pattern does where no line names it exactly."""
    all_of_them = system.get(assignments)
    exact = [each for each in all_of_them if each.name == name]
    if exact:
        return tuple(each for each in exact if not each.excluded)
    return tuple(each for each in all_of_them if not each.excluded and fnmatchcase(name, each.name))


def running(system: System, name: str) -> str | None:
    """Give the value that the kernel has; None where it has no such parameter, or it cannot be seen."""
    if system.proc is None or (name.startswith("net.") and not system.get(sees_network)):
        return None
    try:
        content = system.proc.read(f"sys/{name.replace('.', '/')}", 4096)
    except FileNotFoundError:
        return None
    return " ".join(content.decode("utf-8", "replace").split())


def sees_network(system: System) -> bool:
    """Tell whether parameters of the network are those of the host: proc shows those of whoever looks (pod or host)."""
    if system.proc is None:
        return False
    try:
        return system.proc.link("self/ns/net") == system.proc.link("1/ns/net")
    except OSError:
        return system.root.path == "/"


def without_ipv6(system: System) -> str | None:
    """Give what turns IPv6 off; None where nothing does: the parameter, or a kernel that has none of it."""
    off = [each for each in configured(system, "net.ipv6.conf.all.disable_ipv6") if not each.vendor]
    if off and off[-1].value == "1" and running(system, "net.ipv6.conf.all.disable_ipv6") in (None, "1"):
        return off[-1].where
    if system.proc is not None and system.proc.exists("sys/net/ipv4") and not system.proc.exists("sys/net/ipv6"):
        return "/proc/sys/net"
    return None


def _of_ufw(system: System) -> tuple[str, ...]:
    """Give the file that ufw loads where it is enabled (ufw-framework(8), IPT_SYSCTL)."""
    enabled = key_values.effective(system, _UFW_CONF, "", "ENABLED")
    if enabled is None or enabled.value.lower() != "yes":
        return ()
    named = key_values.effective(system, _UFW_DEFAULTS, "", "IPT_SYSCTL")
    return (named.value,) if named else ()


def _is_without_conf(system: System) -> bool:
    found = system.get(release)
    return found.id == "debian" and found.major.isdigit() and int(found.major) >= 13


def _is_conf(system: System, path: str) -> bool:
    """Tell whether a drop-in is a link to sysctl.conf, as Debian's 99-sysctl.conf; it is read in its own place."""
    try:
        return system.root.link(path).endswith("/sysctl.conf")
    except OSError:
        return False


def _assignment(line: drop_ins.Line) -> Assignment:
    name, sign, value = line.text.partition("=")
    ignored = name.startswith("-")
    return Assignment(
        _dotted(name.strip().lstrip("-").strip()),
        " ".join(value.split()),
        line.where,
        ignored and not sign,
        line.path.startswith(_VENDOR),
    )


def _dotted(name: str) -> str:
    """Turn net/ipv4/conf/eth0.1/x into net.ipv4.conf.eth0/1.x: the first separator tells which one parts names."""
    dot, slash = name.find("."), name.find("/")
    if slash >= 0 and (dot < 0 or slash < dot):
        return name.translate({ord("/"): ".", ord("."): "/"})
    return name
