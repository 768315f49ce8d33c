"""States of snapd as it writes them, and real images of snaps made by mksquashfs.

snapd itself needs a store, systemd and mounts that tests do not have; the fields are those of SnapState
in overlord/snapstate/snapmgr.go, SideInfo in snap/info.go and state.go in overlord/state.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

STATE = "var/lib/snapd/state.json"
SNAPS = "var/lib/snapd/snaps"

needs_mksquashfs = pytest.mark.skipif(not shutil.which("mksquashfs"), reason="squashfs-tools is not installed")


def entry(
    name: str,
    *revisions: str,
    current: str | None = None,
    active: bool = True,
    kind: str = "app",
    channel: str = "latest/stable",
) -> dict[str, object]:
    """Give a snap's state; the last revision is the current one unless another is named."""
    sequence = [{"name": name, "snap-id": "CSO04Jhav2yK0uz97cr0ipQRyqg0qQL6", "revision": each} for each in revisions]
    found: dict[str, object] = {
        "type": kind,
        "sequence": sequence,
        "current": current or revisions[-1],
        "channel": channel,
    }
    return {**found, "active": True} if active else found


def state(**snaps: object) -> bytes:
    """Give a state file with snaps; an underscore in a name stands for a hyphen where it is doubled."""
    found = {
        "data": {
            "auth": {"device": {"session-macaroon": "secret"}},
            "config": {"core": {"snaps": "no"}},
            "snaps": {name.replace("__", "-"): value for name, value in snaps.items()},
        },
        "changes": {"1": {"kind": "install-snap", "data": {"snaps": {"other": {}}}}},
        "tasks": {"1": {"data": {"snap-setup": {"side-info": {"name": "other", "revision": "1"}}}}},
        "last-change-id": 1,
    }
    return json.dumps(found, separators=(",", ":")).encode()


def pack(folder: Path, meta: str, compression: str = "xz", *options: str) -> bytes:
    """Make the image of a snap."""
    tree = folder / "snap-tree"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "meta").mkdir(parents=True)
    (tree / "meta/snap.yaml").write_text(meta)
    for number in range(300):
        (tree / f"file{number}").write_text(f"{number}\n" * number)
    image = folder / "snap-image"
    command = ["mksquashfs", tree, image, "-noappend", "-comp", compression, "-quiet", "-no-progress", *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return image.read_bytes()
