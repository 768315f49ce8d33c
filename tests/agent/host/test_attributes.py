"""agent/host/attributes.py on every kind of file."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from agent.host.attributes import AttributeReader, Attributes, is_sparse, opened
from agent.host.errors import NotAFile
from tests.hosts.mounted import mounted
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.model.records import Gap

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may")
NONE = Attributes(None, None, None, None, ())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A file system that has all attributes there are, if this machine has one."""
    image = tmp_path / "image"
    with open(image, "wb") as file:
        file.truncate(16 * 1024 * 1024)
    if not shutil.which("mkfs.ext4"):
        pytest.skip("mkfs.ext4 of e2fsprogs is needed")
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(tmp_path / "disk", "-o", "loop", image) as point:
        yield point


def read(path: Path) -> tuple[Attributes, list[Gap]]:
    """Read the attributes of a path."""
    gaps: list[Gap] = []
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return AttributeReader(gaps.append).read(fd, path.name, path.lstat(), str(path)), gaps
    finally:
        os.close(fd)


def run(*command: str | Path) -> None:
    if not shutil.which(str(command[0])):
        pytest.skip(f"{command[0]} is needed")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"{command[0]}: {done.stderr}")


def open_beside_walk(path: Path, status: os.stat_result | None = None) -> int:
    """Open a path as a walk that met it with a status would."""
    fd = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        return opened(fd, path.name, status or path.lstat())
    finally:
        os.close(fd)


def test_a_plain_file_has_none(folder: Path) -> None:
    assert read(plant(folder, {"file": b"x"}) / "file") == (NONE, [])


def test_a_link_has_its_target_as_it_is_written(folder: Path) -> None:
    os.symlink(b"../no\n\xff/where", folder / "link")
    found, gaps = read(folder / "link")
    assert (found, gaps) == (NONE._replace(target="../no\n\udcff/where"), [])


def test_of_what_a_link_leads_to_nothing_is_told(folder: Path) -> None:
    run("setcap", "cap_net_raw=ep", plant(folder, {"file": b""}) / "file")
    (folder / "link").symlink_to("file")
    assert read(folder / "link")[0].capabilities is None
    assert read(folder / "file")[0].capabilities == "cap_net_raw=ep"


def test_capabilities_are_written_as_getcap_does(folder: Path) -> None:
    run("setcap", "cap_net_raw,cap_net_admin=ep", plant(folder, {"file": b""}) / "file")
    assert read(folder / "file") == (NONE._replace(capabilities="cap_net_admin,cap_net_raw=ep"), [])


def test_a_change_of_an_access_control_list_changes_its_digest(folder: Path) -> None:
    path = plant(folder, {"file": b""}) / "file"
    run("setfacl", "-m", "u:1000:r", path)
    first = read(path)[0].acl
    run("setfacl", "-m", "u:1000:rw", path)
    assert first
    assert len(first) == 64
    assert read(path)[0].acl not in (first, None)
    run("setfacl", "-b", path)
    assert read(path)[0].acl is None


def test_a_default_list_is_not_an_access_list(folder: Path) -> None:
    for name, words in (("a", "u:1000:rwx"), ("b", "d:u:1000:rwx")):
        (folder / name).mkdir(mode=0o755)
        run("setfacl", "-m", words, folder / name)
    (first, _), (second, _) = read(folder / "a"), read(folder / "b")
    assert first.acl
    assert second.acl
    assert first.acl != second.acl


def test_a_selinux_label_is_told_as_text(folder: Path) -> None:
    path = plant(folder, {"file": b""}) / "file"
    os.setxattr(path, "security.selinux", b"system_u:object_r:bin_t:s0\0")
    assert read(path)[0].selinux == "system_u:object_r:bin_t:s0"


@pytest.mark.parametrize(
    ("letters", "names"), [("i", ("immutable",)), ("a", ("append_only",)), ("ia", ("immutable", "append_only"))]
)
def test_immutable_and_append_only_files_are_told(folder: Path, letters: str, names: tuple[str, ...]) -> None:
    path = plant(folder, {"file": b""}) / "file"
    run("chattr", f"+{letters}", path)
    try:
        assert read(path) == (NONE._replace(attributes=names), [])
    finally:
        run("chattr", f"-{letters}", path)


@pytest.mark.parametrize("letter", ["i", "a"])
def test_an_immutable_directory_is_told(folder: Path, letter: str) -> None:
    (folder / "dir").mkdir()
    run("chattr", f"+{letter}", folder / "dir")
    assert read(folder / "dir")[0].attributes == ({"i": "immutable", "a": "append_only"}[letter],)
    run("chattr", f"-{letter}", folder / "dir")


@only_root
def test_a_file_system_that_does_not_tell_of_attributes_is_not_known(tmp_path: Path) -> None:
    """proc has none."""
    assert read(type(tmp_path)("/proc/version"))[0] == Attributes(None, None, None, None, None)


@only_root
def test_fifos_sockets_and_devices_are_looked_at_without_being_opened(folder: Path) -> None:
    """A FIFO has a writer that would see a reader; the device has no driver, so that to open it fails."""
    os.mkfifo(folder / "fifo")
    os.mknod(folder / "device", stat.S_IFCHR | 0o600, os.makedev(240, 255))
    os.mknod(folder / "block", stat.S_IFBLK | 0o600, os.makedev(240, 255))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket"))
    for name in ("fifo", "device", "block", "socket"):
        assert read(folder / name) == (NONE, [])
        with pytest.raises(NotAFile):
            open_beside_walk(folder / name)
    with pytest.raises(OSError, match="No such device or address"):
        os.open(folder / "fifo", os.O_WRONLY | os.O_NONBLOCK)


@pytest.mark.parametrize("name", ["new\nline", "\udcff\udcfe", " ", '"\\', "a" * 255])
def test_names_may_be_anything(folder: Path, name: str) -> None:
    path = folder / name
    os.mknod(path)
    os.setxattr(path, "security.selinux", b"label")
    assert read(path) == (NONE._replace(selinux="label"), [])
    os.close(open_beside_walk(path))


def test_what_has_vanished_has_none_and_is_no_gap(folder: Path) -> None:
    path = plant(folder, {"file": b""}) / "file"
    status = path.lstat()
    path.unlink()
    gaps: list[Gap] = []
    fd = os.open(folder, os.O_RDONLY)
    found = AttributeReader(gaps.append).read(fd, "file", status, "/file")
    os.close(fd)
    assert (found.capabilities, found.attributes, gaps) == (None, None, [])


@only_root
def test_what_may_not_be_looked_at_is_a_gap_that_hides_no_record(tmp_path: Path) -> None:
    plant(tmp_path, {"dir/file": b""})
    status = (tmp_path / "dir/file").lstat()
    gaps: list[Gap] = []
    fd = os.open(tmp_path / "dir", os.O_RDONLY)
    (tmp_path / "dir").chmod(0o600)
    os.seteuid(65534)
    try:
        found = AttributeReader(gaps.append).read(fd, "file", status, "/dir/file")
    finally:
        os.seteuid(0)
        os.close(fd)
    assert found.attributes is None
    assert [(gap.subject, gap.reason, gap.hides) for gap in gaps] == [("/dir/file", "denied", None)]


def test_a_file_with_holes_is_sparse_and_a_written_one_is_not(folder: Path) -> None:
    plant(folder, {"full": b"x" * 100_000, "empty": b""})
    with open(folder / "holes", "wb") as file:
        file.truncate(1 << 30)
    os.sync()
    assert [is_sparse((folder / name).lstat()) for name in ("full", "empty", "holes")] == [False, False, True]


def test_a_regular_file_is_opened_and_its_time_of_access_stays(tmp_path: Path) -> None:
    path = plant(tmp_path, {"file": b"content"}) / "file"
    os.utime(path, (1000, 2000))
    fd = open_beside_walk(path)
    assert os.read(fd, 100) == b"content"
    os.close(fd)
    assert path.stat().st_atime == 1000


def test_a_file_that_was_replaced_is_not_opened(tmp_path: Path) -> None:
    path = plant(tmp_path, {"file": b"", "other": b"secret"}) / "file"
    status = path.lstat()
    os.rename(tmp_path / "other", path)
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="replaced"):
        open_beside_walk(path, status)
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"):
        open_beside_walk(path, status)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="replaced"):
        open_beside_walk(path, status)
    assert len(os.listdir("/proc/self/fd")) == before


def test_readers_of_two_threads_do_not_mix_what_they_read(folder: Path) -> None:
    """Each thread has its own reader."""
    plant(folder, {"a": b"", "b": b""})
    run("chattr", "+i", folder / "a")
    found: dict[str, set[tuple[str, ...] | None]] = {"a": set(), "b": set()}

    def look(name: str) -> None:
        found[name] = {read(folder / name)[0].attributes for _ in range(200)}

    threads = [threading.Thread(target=look, args=(name,)) for name in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run("chattr", "-i", folder / "a")
    assert found == {"a": {("immutable",)}, "b": {()}}
