"""Arguments of the kernel: what the boot loader is made to give (grub, boot loader entries), what it has now, and what made it so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import files
from agent.formats import shell_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.system import System

_DEFAULTS = ("/etc/default/grub", "/etc/default/grub.d/*.cfg")
MENUS = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/efi/EFI/*/grub.cfg")
_ENTRIES = ("/boot/loader/entries/*.conf", "/boot/efi/loader/entries/*.conf", "/efi/loader/entries/*.conf")
_GRUBENV = ("/boot/grub2/grubenv", "/boot/grub/grubenv")
_CMDLINE = "/etc/kernel/cmdline"
_LINUX = re.compile(r"\s*linux(?:16|efi)?\s+(?!\S*memtest)\S+\s*(.*)")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Arguments(NamedTuple):
    """A list of arguments with where it stands."""

    text: str
    where: str

    def value(self, name: str) -> str | None:
        """Give the value of an argument, the last one counts; empty for one without, None where it is not there."""
        found = [word.partition("=")[2] for word in self.text.split() if word.partition("=")[0] == name]
        return found[-1].strip("\"'") if found else None


def configured(system: System) -> tuple[Arguments, ...]:
    """Give what menus are made from: GRUB_CMDLINE_LINUX, with what is for normal entries where there are no others."""
    values: dict[str, str] = {}
    where = ""
    for path in (path for pattern in _DEFAULTS for path in system.root.glob(pattern)):
        where = where or path
        for command in shell_text.commands(files.lines(system, path)):
            name, sign, value = command.words[0].partition("=")
            if sign:
                added = name.endswith("+")
                name, before = name.rstrip("+"), values.get(name.rstrip("+"), "") if added else ""
                values[name] = before + _expanded(value, values)
                where = f"{path}:{command.number}" if name == "GRUB_CMDLINE_LINUX" else where
    found = [values.get("GRUB_CMDLINE_LINUX", "")]
    if values.get("GRUB_DISABLE_RECOVERY", "").lower() == "true":
        found.append(values.get("GRUB_CMDLINE_LINUX_DEFAULT", ""))
    by_kernel = [Arguments(line.decode("utf-8", "replace"), _CMDLINE) for line in files.lines(system, _CMDLINE)][:1]
    return (*([Arguments(" ".join(found), where)] if where else []), *by_kernel)


def generated(system: System) -> tuple[Arguments, ...]:
    """Give what each entry of a menu or of the boot loader has."""
    return (*_of_menus(system), *_of_entries(system))


def running(system: System) -> Arguments | None:
    """Give what the kernel was started with; None where the system does not run."""
    if system.proc is None:
        return None
    return Arguments(system.proc.read("cmdline", 64 * 1024).decode("utf-8", "replace"), "/proc/cmdline")


def _of_menus(system: System) -> Iterator[Arguments]:
    for path in (path for pattern in MENUS for path in system.root.glob(pattern)):
        for number, line in enumerate(files.lines(system, path), 1):
            match = _LINUX.fullmatch(line.decode("utf-8", "replace"))
            if match:
                yield Arguments(match[1], f"{path}:{number}")


def _of_entries(system: System) -> Iterator[Arguments]:
    """Give the options of entries, with the variables that the environment of grub has."""
    for path in (path for pattern in _ENTRIES for path in system.root.glob(pattern)):
        options, place = [], path
        for number, line in enumerate(files.lines(system, path), 1):
            key, _, value = line.decode("utf-8", "replace").strip().partition(" ")
            if key == "options":
                options.append(value.strip())
                place = f"{path}:{number}"
        yield Arguments(_expanded(" ".join(options), system.get(_environment)), place)


def _environment(system: System) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").partition("=") for path in _GRUBENV for line in files.lines(system, path))
    return {name: value for name, sign, value in pairs if sign and not name.startswith("#")}


def _expanded(text: str, values: dict[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values.get(match[1] or match[2], ""), text)
