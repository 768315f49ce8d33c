"""The section containers: which containers run, how they are confined, and the software inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.containers.contents import Contents
from agent.collectors.containers.describe import Onlooker, container_record
from agent.containers.control_groups import CONTAINERS, READS, control_groups
from agent.containers.running import running
from agent.model.records import Gap
from agent.model.spec import PROC, ROOT, Glance, Spec, Want

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.host import Host
    from agent.model.records import Record
    from agent.model.spec import Options, Unchanged

_MOST = 3600
"""Seconds after which everything is looked at again, for what was installed in a container that stays the same."""

SPEC = Spec(
    summary="Running containers with image, confinement and pod, and the packages inside them",
    every=30,
    needs=frozenset((ROOT, PROC)),
    reads=lambda: (
        "/**",
        *READS,
        "/proc/[0-9]*",
        "/proc/stat",
        *(
            f"/proc/*/{name}"
            for name in ("cgroup", "status", "stat", "mountinfo", "ns/*", "exe", "cwd", "root", "attr/*")
        ),
    ),
    memory=64,
    seconds=60,
    wants=(
        Want("cap_sys_ptrace", "the packages inside containers of other users"),
        Want("cap_dac_read_search", "images, names and pods of containers, from the state of their runtimes"),
    ),
    traces=True,
    glance=lambda exists: Glance(control_groups(exists), CONTAINERS, _MOST),
    reader="agent.collectors.containers.inside",
)


def collect(host: Host, options: Options) -> Iterator[Record | Unchanged]:
    """Give every running container and what it holds."""
    if host.proc is None:
        return
    gaps: list[Gap] = []
    onlooker = Onlooker(host, host.proc, gaps.append)
    contents = Contents(host.proc, options, onlooker.remote)
    for container in running(host).values():
        seen = onlooker.look(container)
        if seen and not seen.state.is_sandbox:
            image = None if seen.has_root_of_host else contents.identify(seen)
            if image and image.unseen:
                gaps.append(Gap(f"changes of container {container.id}", "limit", image.unseen, None))
            yield container_record(seen, image)
    yield from gaps
    yield from contents.records()
