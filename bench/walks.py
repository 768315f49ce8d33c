"""The walk of compliance over a million files: the whole benchmark beside find. Run as root, as python -m bench.walks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Row, measured, missed, table

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = 1_000_000
_FOLDER = 1000
"""Files of one directory."""
_SECONDS = 30
"""What the walk over a million files may take."""
_ROOT = {
    "etc/os-release": "ID=debian\nVERSION_ID=12\n",
    "etc/passwd": "root:x:0:0::/root:/bin/bash\n",
    "etc/group": "root:x:0:\n",
}
_ASKED = ("-perm", "-0002", "-o", "-nouser", "-o", "-nogroup", "-o", "-perm", "/6000")
"""What the checks of chapter 7 ask of every file, for find."""


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    with _tree() as root:
        ours = measured((*_scan(), "--root", str(root)), 1, good=range(5))
        if b'"1 found"' not in ours.stdout:
            raise SystemExit("the one file that everybody may write was not found")
        find = measured(("find", str(root), "-xdev", "(", *_ASKED, ")", "-printf", ""), 1)
    rows = [
        Row("benchmark over a million files, against 30: wall s", ours.wall_seconds, _SECONDS, 1),
        Row("benchmark over a million files, find: CPU s", ours.cpu_seconds, find.cpu_seconds, None),
        Row("benchmark over a million files, find: wall s", ours.wall_seconds, find.wall_seconds, None),
        Row("benchmark over a million files, against 64: peak MiB", ours.peak_mib, 64, 1),
    ]
    print(table(rows))
    return 1 if missed(rows) else 0


def _scan() -> tuple[str, ...]:
    return (
        sys.executable,
        "-m",
        "agent.cli",
        "scan",
        "compliance",
        "--benchmark",
        "debian12",
        "--level",
        "2",
        "--format",
        "ndjson",
    )


@contextmanager
def _tree() -> Iterator[Path]:
    """Make a small root with a million empty files, in memory, so that no disk is measured."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(("mount", "-t", "tmpfs", "-o", "nr_inodes=0", "bench", folder), check=True)
        try:
            for name, content in _ROOT.items():
                path = Path(folder) / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(content)
            _fill(f"{folder}/srv")
            yield Path(folder)
        finally:
            subprocess.run(("umount", folder), check=True)


def _fill(top: str) -> None:
    for number in range(FILES):
        if number % _FOLDER == 0:
            folder = f"{top}/{number // _FOLDER:05}"
            os.makedirs(folder)
        os.close(os.open(f"{folder}/{number:07}", os.O_CREAT | os.O_WRONLY, 0o644))
    os.chmod(f"{folder}/{number:07}", 0o666)


if __name__ == "__main__":
    sys.exit(main())
