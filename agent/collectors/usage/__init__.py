"""The section usage: which packages running processes really use, of the host and of every container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.model.spec import PROC, ROOT, Spec, Want

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host import Host
    from agent.model.records import Record
    from agent.model.spec import Options

SPEC = Spec(
    summary="Packages that running processes have opened, mapped or executed, and whether they are reachable",
    every=600,
    needs=frozenset((ROOT, PROC)),
    reads=lambda: (
        "/proc/[0-9]*",
        "/proc/stat",
        "/proc/modules",
        "/proc/sys/kernel/random/boot_id",
        *(
            f"/proc/*/{name}"
            for name in ("stat", "status", "cgroup", "exe", "maps", "fd", "root", "ns/*", "net/*", "mountinfo")
        ),
        "/**",  # whatever lies around a file that is used, to tell which package it is of
    ),
    memory=64,
    seconds=120,
    wants=(
        Want("cap_sys_ptrace", "what processes of other users use"),
        Want("cap_dac_read_search", "to which packages the files of other users' containers belong"),
        Want("cap_sys_admin", "files that interpreters open between two looks"),
    ),
    traces=True,
    reader="agent.collectors.usage.inside",
)


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give every package that is used, and how completely that was seen; evidence of this boot, or run, is kept."""
    from agent.collectors.usage.collection import Collection  # noqa: PLC0415 - who asks for the SPEC alone loads nothing

    if host.proc is not None:
        yield from Collection(host, host.proc, options).records()
