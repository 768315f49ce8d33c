"""Checks of core dumps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import limits, settings_file, sysctl
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_COREDUMP = "/etc/systemd/coredump.conf"


def _no_core_dumps() -> Rule:
    return all_of(sysctl.value("fs.suid_dumpable", "0"), limits.hard("*", "core", 0))


CHECKS = (
    Check(
        id="core_dumps_restricted",
        title="No core dumps: fs.suid_dumpable is 0 and the hard limit of * is 0",
        why="A core dump holds the memory of a process, with keys and passwords.",
        fix="Write `* hard core 0` to a file in /etc/security/limits.d and `fs.suid_dumpable = 0` to one in /etc/sysctl.d.",
        rule=_no_core_dumps,
    ),
    Check(
        id="coredump_process_size_max",
        title="ProcessSizeMax of systemd-coredump is 0",
        why="A core dump holds the memory of a process, with keys and passwords.",
        fix="Set ProcessSizeMax=0 in [Coredump] of a file in /etc/systemd/coredump.conf.d.",
        rule=partial(settings_file.is_set, _COREDUMP, "Coredump", "ProcessSizeMax"),
        parameters={"accepted": "0"},
    ),
    Check(
        id="coredump_storage",
        title="Storage of systemd-coredump is none",
        why="Core dumps that are kept can be read later.",
        fix="Set Storage=none in [Coredump] of a file in /etc/systemd/coredump.conf.d.",
        rule=partial(settings_file.is_set, _COREDUMP, "Coredump", "Storage", folded=True),
        parameters={"accepted": "none"},
    ),
)
