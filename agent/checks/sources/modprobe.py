"""What modprobe is told of modules (modprobe.d(5)), which ones the installed kernels have, and which are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.sources import drop_ins

if TYPE_CHECKING:
    from agent.checks.engine.system import System

_INDEXES = ("modules.dep", "modules.builtin")
_FOLDERS = ("/usr/lib/modules", "/lib/modules")


class Directive(NamedTuple):
    """A line of modprobe.d.

    keyword: install, blacklist ...
    module: With underscores for hyphens, which modprobe takes for the same; of install perhaps a pattern.
    rest: What follows the module: the command of install.
    """

    keyword: str
    module: str
    rest: str
    where: str


class Kernels(NamedTuple):
    """The modules of all installed kernels.

    names: Releases of the kernels.
    loadable: Modules that are files.
    builtin: Modules that are parts of a kernel.
    """

    names: tuple[str, ...]
    loadable: frozenset[str]
    builtin: frozenset[str]


def directives(system: System) -> tuple[Directive, ...]:
    """Give what all files say, in the order in which they are read."""
    found = []
    for path in drop_ins.effective(system, "modprobe.d"):
        for line in drop_ins.lines(system, path, joined=True):
            words = line.text.split(None, 2)
            if len(words) > 1:
                found.append(Directive(words[0], plain(words[1]), "".join(words[2:]), line.where))
    return tuple(found)


def kernels(system: System) -> Kernels:
    """Give the modules of the kernels below /lib/modules, from the lists that depmod and the kernel's build make."""
    names: set[str] = set()
    modules: dict[str, set[str]] = {each: set() for each in _INDEXES}
    for folder in _FOLDERS:
        for path in system.root.glob(f"{folder}/*/modules.dep"):
            kernel = path.rpartition("/")[0]
            names.add(kernel.rpartition("/")[2])
            for index in _INDEXES:
                modules[index].update(map(_of_file, drop_ins.raw_lines(system, f"{kernel}/{index}")))
        if names:
            break
    return Kernels(tuple(sorted(names)), *(frozenset(modules[each]) for each in _INDEXES))


def loaded(system: System) -> frozenset[str] | None:
    """Give the names of the loaded modules; None without proc, or where the kernel has no modules."""
    if system.proc is None:
        return None
    try:
        return frozenset(plain(line.split(b" ")[0].decode("utf-8", "replace")) for line in system.proc.lines("modules"))
    except FileNotFoundError:
        return None


def plain(module: str) -> str:
    """Give the one spelling of a module's name."""
    return module.replace("-", "_")


def _of_file(line: bytes) -> str:
    """Give the module of kernel/fs/udf/udf.ko.xz: ..."""
    name = line.partition(b":")[0].rpartition(b"/")[2].partition(b".")[0]
    return plain(name.decode("utf-8", "replace"))
