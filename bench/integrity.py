"""File integrity: stocktake beside AIDE on the same trees. Run as root, as python -m bench.integrity."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import save_settings
from bench import peers
from bench.integrity_trees import many_links, small_files
from bench.measure import Cost, Row, measured, missed, table

if TYPE_CHECKING:
    from collections.abc import Iterator

TREES = ("/etc", "/usr/bin", "/usr/sbin", "/usr/lib")
ATTRIBUTES = "p+i+n+u+g+s+m+c+ftype+l+sha256+acl+selinux+xattrs+caps+e2fsattrs"
"""What AIDE compares, in its letters: the attributes that our records have, and SHA-256."""
_DIFFERENCES = range(8)
"""Exit codes of aide --check: bits for what was added, removed and changed."""


def main() -> int:
    """Print the comparisons; 1 when a target is missed."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for measure in (_system, _small, _cold, _constant_memory):
            try:
                rows += measure(Path(folder) / measure.__name__.strip("_"))
            except peers.Unavailable as error:
                print(f"{measure.__name__.strip('_')} is left out: {error}")
    print(table(rows))
    return 1 if missed(rows) else 0


def _system(folder: Path) -> list[Row]:
    """Compare on the system's own trees, once with verdicts and once in a root that has no package database."""
    aide = _Aide(folder / "aide", TREES)
    init, check = aide.init(), aide.check()
    with _same_trees_elsewhere(folder / "bare") as root:
        bare = _State(folder / "bare-state", str(root), TREES)
        first = bare.collect()
    state = _State(folder / "state", "/", TREES)
    judged, unchanged = state.collect(), state.collect(runs=3)
    paths = _counted(judged)
    print(f"{paths} paths; aide --init {init.wall_seconds:.1f} s, --check {check.wall_seconds:.1f} s")
    return [
        Row("first scan without verdicts, aide --init: wall s", first.wall_seconds, init.wall_seconds, 1 / 5),
        Row("first scan without verdicts, aide --init: CPU s", first.cpu_seconds, init.cpu_seconds, None),
        Row("first scan with verdicts, aide --init: wall s", judged.wall_seconds, init.wall_seconds, 1 / 3),
        Row("first scan with verdicts, aide --init: CPU s", judged.cpu_seconds, init.cpu_seconds, None),
        Row("unchanged scan, aide --check: wall s", unchanged.wall_seconds, check.wall_seconds, 1 / 50),
        Row("unchanged scan, aide --check: CPU s", unchanged.cpu_seconds, check.cpu_seconds, None),
        Row("first scan, aide --init: peak MiB", judged.peak_mib, init.peak_mib, None),
        Row("unchanged scan, aide --check: peak MiB", unchanged.peak_mib, check.peak_mib, None),
    ]


def _small(folder: Path) -> list[Row]:
    """Compare on 43,000 small files, of which no package knows."""
    tree = small_files(folder / "files")
    aide = _Aide(folder / "aide", (str(tree),))
    init, check = aide.init(), aide.check()
    state = _State(folder / "state", "/", (str(tree),))
    first, unchanged = state.collect(), state.collect(runs=3)
    return [
        Row("43,000 small files, first, aide --init: wall s", first.wall_seconds, init.wall_seconds, None),
        Row("43,000 small files, unchanged, aide --check: wall s", unchanged.wall_seconds, check.wall_seconds, None),
        Row("43,000 small files, unchanged, against 1.5: wall s", unchanged.wall_seconds, 1.5, 1),
    ]


def _cold(folder: Path) -> list[Row]:
    """Compare two readers with one, with nothing in the page cache."""
    walls = []
    for readers in (2, 1):
        _drop_caches()
        state = _State(folder / f"{readers}", "/", ("/usr/lib", "/usr/bin"))
        walls.append(state.collect(readers=readers).wall_seconds)
    return [Row("cold cache, two readers, one reader: wall s", *walls, 1 / 1.4)]


def _constant_memory(folder: Path) -> list[Row]:
    """Measure the peak at two sizes ten times apart; on a tmpfs, where so many names are quickly made."""
    rows = []
    with _tmpfs(folder):
        for count in (200_000, 2_000_000):
            tree = many_links(folder / f"{count}", count)
            state = _State(folder / f"state-{count}", "/", (str(tree),))
            first, unchanged = state.collect(), state.collect()
            what = f"{count:,} files"
            rows += [
                Row(f"{what}, first scan, against 32: peak MiB", first.peak_mib, 32, 1),
                Row(f"{what}, unchanged scan, against 32: peak MiB", unchanged.peak_mib, 32, 1),
            ]
            print(f"{what}: first {first.wall_seconds:.1f} s, unchanged {unchanged.wall_seconds:.1f} s")
    return rows


class _State:
    """A state folder of ours, and collections of the section integrity into it."""

    def __init__(self, folder: Path, root: str, trees: tuple[str, ...]) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self.folder = str(folder)
        save_settings(Settings(state_dir=self.folder, root=root, integrity_trees=trees, integrity_watch=False))

    def collect(self, runs: int = 1, readers: int | None = None) -> Cost:
        """Give the cost of a collection; SystemExit when its status is not one of a good snapshot."""
        start = words("agent.worker.__main__")
        if readers is not None:
            start = [sys.executable, "-I", "-c", _WITH_READERS, str(readers)]
        cost = measured(["/bin/sh", "-c", 'exec "$@" 3>&1', "sh", *start, self.folder, "collect", "integrity"], runs)
        report = json.loads(cost.stdout.splitlines()[-1])
        if report["status"] not in ("complete", "partial"):
            raise SystemExit(f"collect integrity: {report}")
        return cost


_WITH_READERS = """
import sys
from agent.collectors.integrity import readers
readers.READERS = int(sys.argv[1])
from agent.worker.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


class _Aide:
    """AIDE with a configuration of its own."""

    def __init__(self, folder: Path, trees: tuple[str, ...]) -> None:
        if subprocess.run(("aide", "--version"), capture_output=True).returncode:
            raise peers.Unavailable("aide is not installed")
        folder.mkdir(parents=True)
        self._config = folder / "aide.conf"
        lines = (
            f"database_in=file:{folder}/known",
            f"database_out=file:{folder}/known",
            "report_url=file:/dev/null",
            *(f"{tree} {ATTRIBUTES}" for tree in trees),
        )
        self._config.write_text("\n".join(lines) + "\n")

    def init(self) -> Cost:
        """Give the cost of a first scan."""
        return measured(("aide", "--config", str(self._config), "--init"), 1)

    def check(self) -> Cost:
        """Give the cost of comparing."""
        return measured(("aide", "--config", str(self._config), "--check"), 1, good=_DIFFERENCES)


def _counted(cost: Cost) -> int:
    return int(json.loads(cost.stdout.splitlines()[-1])["count"])


@contextmanager
def _same_trees_elsewhere(root: Path) -> Iterator[Path]:
    """Show the same trees in a root without any package database."""
    mounted = []
    try:
        for tree in TREES:
            place = root / tree[1:]
            place.mkdir(parents=True)
            _call("mount", "--bind", tree, str(place))
            mounted.append(place)
        yield root
    finally:
        for place in reversed(mounted):
            _call("umount", str(place))


@contextmanager
def _tmpfs(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True)
    _call("mount", "-t", "tmpfs", "-o", "size=8g,nr_inodes=0", "stocktake-bench", str(folder))
    try:
        yield
    finally:
        _call("umount", str(folder))


def _drop_caches() -> None:
    os.sync()
    try:
        Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError as error:
        raise peers.Unavailable(f"the page cache cannot be emptied: {error.strerror}") from error


def _call(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise peers.Unavailable(f"{command[0]} failed: {done.stderr.strip()}")


if __name__ == "__main__":
    sys.exit(main())
