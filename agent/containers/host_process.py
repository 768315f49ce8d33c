"""The process whose namespaces are the host's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.host import Host


def host_process(host: Host) -> str:
    """Give process 1, or the agent's own where that may not be looked at and the agent sees the host's own tree.

    A security module, or a capability that the agent lacks, may hide process 1 from root, too.
    """
    proc = host.proc
    try:
        if proc:
            proc.link("1/ns/pid")
    except OSError:
        return "self" if host.root.path == "/" else "1"
    return "1"
