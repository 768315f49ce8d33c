"""What the agent may do here, and which sections see less for want of it."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from agent import __version__
from agent.formats.capabilities import permitted
from agent.host.procfs import ProcFS
from agent.model.records import AgentFacts, Degradation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.host import Host
    from agent.model.spec import Want

_SEES_HIDDEN = "cap_sys_ptrace"
"""The capability that looks behind hidepid (fs/proc/root.c, has_pid_permissions)."""
_HIDDEN = {"1": "noaccess", "2": "invisible", "4": "ptraceable"}
"""Numbers of hidepid that hide something, and the names that Linux 5.8 and later use for them."""


def agent_facts(host: Host) -> AgentFacts:
    """Give the agent that looks at a host; OSError when its own proc cannot be read."""
    python = ".".join(map(str, sys.version_info[:3]))
    capabilities = permitted(ProcFS().read("self/status"))
    return AgentFacts(__version__, python, os.geteuid(), capabilities, host.root.path)


def degradations(wants: Mapping[str, tuple[Want, ...]], agent: AgentFacts) -> Iterator[Degradation]:
    """Give every want of a section that the agent's capabilities do not meet."""
    for section, wanted in sorted(wants.items()):
        for want in wanted:
            if want.capability not in agent.capabilities:
                remedy = f"grant {want.capability} to the service"
                yield Degradation(section, want.capability, want.effect, remedy)


def hidden_processes(wants: Mapping[str, tuple[Want, ...]], agent: AgentFacts, proc: ProcFS) -> Iterator[Degradation]:
    """Give the sections from which proc's option hidepid keeps the processes of other users."""
    if _SEES_HIDDEN in agent.capabilities:
        return
    option = _hidepid(proc)
    if option:
        for section, wanted in sorted(wants.items()):
            if any(want.capability == _SEES_HIDDEN for want in wanted):
                yield Degradation(
                    section,
                    f"hidepid={option}",
                    "processes of other users, and all that is known of them",
                    f"grant {_SEES_HIDDEN} to the service, or name its group in the option gid of {proc.path}",
                )


def _hidepid(proc: ProcFS) -> str | None:
    """Give the option hidepid of a mounted proc; None where it hides nothing."""
    own = ProcFS()
    mount = next(line for line in own.read(f"self/fdinfo/{proc.fd}").splitlines() if line.startswith(b"mnt_id:"))
    start = mount.split()[1] + b" "
    lines = own.read("self/mountinfo").splitlines()
    options = next((line.rpartition(b" ")[2] for line in lines if line.startswith(start)), b"")
    found = re.search(r"(?:^|,)hidepid=(\w+)", options.decode("ascii", "replace"))
    name = found and _HIDDEN.get(found[1], found[1])
    return name if name in _HIDDEN.values() else None
