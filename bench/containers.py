"""Containers and what is inside them, against the limits that were set. Run as root, as python -m bench.containers.

One container, 50 of one image, and 50 of as many images, of 500 dpkg packages each with a hundred Python distributions. A container
is an overlay and a process in PID and mount namespaces of its own, whose root it is, as the runtimes make them; all of
it happens in namespaces, so that what else runs here changes nothing. Measured is the daemon's own worker with all of its
readers: the first look knows nothing, a later one has the snapshot of the one before.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agent.delivery.reading import CURRENT
from agent.model.settings import Settings
from agent.start import words
from agent.worker.state import prepare, save_settings
from bench import peers
from bench.measure import Cost, Row, missed, run, table

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTAINERS = 50
PACKAGES = 500
DISTRIBUTIONS = 100
RUNS = 3
_INSIDE = "--inside"
_WORLD = ("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
_STANZA = """\
Package: package-{0}-{1}
Status: install ok installed
Priority: optional
Section: libs
Maintainer: Debian <debian@example.org>
Architecture: amd64
Source: source-{1}
Version: {0}.{1}-1
Description: a package
 of an image

"""
_NEW_NAMESPACES = 0x20000000 | 0x00020000  # CLONE_NEWPID, CLONE_NEWNS of sched.h


def main() -> int:
    """Print the comparison; 1 when a target is missed."""
    if _INSIDE not in sys.argv:
        return subprocess.run([*_WORLD, sys.executable, "-m", "bench.containers", _INSIDE]).returncode
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
        rows = _rows(Path(folder))
        subprocess.run(["umount", "-l", folder], check=True)
    print(table(rows))
    return 1 if missed(rows) else 0


def _rows(folder: Path) -> list[Row]:
    images = [_image(folder / f"image{number}", number) for number in range(CONTAINERS)]
    one, _ = _looks(folder, images[:1])
    same, same_later = _looks(folder, images[:1] * CONTAINERS)
    different, later = _looks(folder, images)
    none, _ = _looks(folder, [])
    rows = [
        Row(
            f"{CONTAINERS} containers of one image: CPU s against one container", same.cpu_seconds, one.cpu_seconds, 1.3
        ),
        Row(f"{CONTAINERS} containers of one image: peak MiB against 64", same.peak_mib, 64, 1),
        Row(f"{CONTAINERS} images: CPU s against 3", different.cpu_seconds, 3, 1),
        Row(f"{CONTAINERS} images: peak MiB against 64", different.peak_mib, 64, 1),
        Row(f"{CONTAINERS} images, known: CPU ms a container against 40", later.cpu_seconds * 1000 / CONTAINERS, 40, 1),
        Row(f"{CONTAINERS} containers of one image, known: CPU s", same_later.cpu_seconds, one.cpu_seconds, None),
        Row("no container: CPU s", none.cpu_seconds, one.cpu_seconds, None),
    ]
    return rows + _of_trivy(images[0], one)


def _of_trivy(image: Path, one: Cost) -> list[Row]:
    try:
        command = [
            peers.trivy(),
            "rootfs",
            "--format",
            "json",
            "--list-all-pkgs",
            "--security-checks",
            "config",
            str(image),
        ]
        theirs = run(command, RUNS)
    except peers.Unavailable as error:
        print(f"trivy is left out: {error}")
        return []
    return [
        Row("one container, trivy rootfs: CPU s", one.cpu_seconds, theirs.cpu_seconds, None),
        Row("one container, trivy rootfs: peak MiB", one.peak_mib, theirs.peak_mib, None),
    ]


def _image(root: Path, number: int) -> Path:
    """Plant an image that differs from the others in all of its versions."""
    info = root / "var/lib/dpkg/info"
    info.mkdir(parents=True)
    (info.parent / "status").write_text("".join(_STANZA.format(number, each) for each in range(PACKAGES)))
    for each in range(PACKAGES):
        (info / f"package-{number}-{each}.list").write_text(f"/.\n/usr\n/usr/lib\n/usr/lib/lib{each}.so.1\n")
    for each in range(DISTRIBUTIONS):
        folder = root / f"usr/lib/python3/dist-packages/d{each}-{number}.{each}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: d{each}\nVersion: {number}.{each}\n")
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text("ID=debian\nVERSION_ID=12\n")
    return root


def _looks(folder: Path, images: list[Path]) -> tuple[Cost, Cost]:
    """Measure a first look at a container of each of some images, and a later one."""
    with _running(folder, images), tempfile.TemporaryDirectory() as state:
        prepare(state)
        save_settings(Settings(state_dir=state))
        worker = ["sh", "-c", 'exec "$@" 3>&1', "sh", *words("agent.worker.__main__"), state, "collect", "containers"]
        firsts = []
        for _ in range(RUNS):
            (Path(state) / "sections/containers" / CURRENT).unlink(missing_ok=True)
            firsts.append(_measured(worker))
        return min(firsts, key=lambda cost: cost.cpu_seconds), _measured(worker, RUNS)


def _measured(worker: list[str], runs: int = 1) -> Cost:
    cost = run(worker, runs)
    if cost.exit_code or b'"status":"complete"' not in cost.stdout:
        raise SystemExit(f"the look failed: {cost.stdout!r}")
    return cost


@contextmanager
def _running(folder: Path, images: list[Path]) -> Iterator[None]:
    """Run a container of each image."""
    started = [_start(folder, image, number) for number, image in enumerate(images)]
    try:
        yield
    finally:
        for pid, merged in started:
            os.kill(pid, 9)
            os.waitpid(pid, 0)
            subprocess.run(["umount", "-l", merged], check=True)


def _start(folder: Path, image: Path, number: int) -> tuple[int, Path]:
    place = folder / f"container{number}"
    for name in ("upper", "work", "merged"):
        (place / name).mkdir(parents=True, exist_ok=True)
    layers = f"lowerdir={image},upperdir={place}/upper,workdir={place}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, place / "merged"], check=True)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_container(place / "merged", writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    return pid, place / "merged"


def _be_container(root: Path, writing: int) -> None:
    """Go into new namespaces; the child that is the first there waits, and ends with its parent."""
    try:
        libc = ctypes.CDLL(None)
        libc.unshare(_NEW_NAMESPACES)
        if os.fork() == 0:
            libc.prctl(1, 9, 0, 0, 0)
            os.chroot(root)
            os.chdir("/")
            os.write(writing, b"x")
            os.close(writing)
        while True:
            libc.pause()
    finally:
        os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
