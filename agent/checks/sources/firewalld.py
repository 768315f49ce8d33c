"""Zones of firewalld as configured (firewalld.zone(5)): a file of the administrator hides that of the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from agent.checks.sources import key_values

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_FOLDERS = ("/etc/firewalld/zones", "/usr/lib/firewalld/zones")
_CONF = "/etc/firewalld/firewalld.conf"
_LIMIT = 1024 * 1024


class Drop(NamedTuple):
    """A rich rule that drops or rejects what comes from an address, but not what goes to one."""

    source: str
    not_to: str


class Zone(NamedTuple):
    """A zone.

    target: What becomes of what no rule of it names; empty for the default.
    """

    name: str
    interfaces: tuple[str, ...]
    drops: tuple[Drop, ...]
    target: str
    where: str


def zones(system: System) -> dict[str, Zone]:
    """Give all zones by name; ValueError where a file is none."""
    found: dict[str, Zone] = {}
    for folder in _FOLDERS:
        for path in system.root.glob(f"{folder}/*.xml"):
            name = path.rpartition("/")[2].removesuffix(".xml")
            if name not in found:
                found[name] = _zone(name, system.root.read(path, _LIMIT), path)
    return found


def default_zone(system: System) -> str:
    """Give the zone of all that no other one takes."""
    found = system.get(key_values.effective, _CONF, "", "DefaultZone")
    return found.value if found else "public"


def _zone(name: str, content: bytes, path: str) -> Zone:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError(f"{path}: a zone declares nothing")
    try:
        tree = ElementTree.fromstring(content)  # noqa: S314 - without declarations there is nothing to expand
    except ElementTree.ParseError:
        raise ValueError(f"{path}: is no XML") from None
    interfaces = tuple(each.get("name", "") for each in tree.findall("interface"))
    drops = tuple(
        _drop(rule) for rule in tree.findall("rule") if any(rule.find(tag) is not None for tag in ("drop", "reject"))
    )
    return Zone(name, interfaces, drops, tree.get("target", ""), path)


def _drop(rule: ElementTree.Element) -> Drop:
    source, destination = rule.find("source"), rule.find("destination")
    from_ = source.get("address", "") if source is not None and not _is_inverted(source) else ""
    not_to = destination.get("address", "") if destination is not None and _is_inverted(destination) else ""
    return Drop(from_, not_to)


def _is_inverted(element: ElementTree.Element) -> bool:
    return element.get("invert", "").lower() in ("true", "yes", "1")
