"""What the watcher of opens marks, and leaves alone for a while."""

import os
import subprocess

import pytest

from agent.formats.fanotify_event import opens
from agent.host import open_host
from agent.host.fanotify_opens import OpenGroup
from agent.host.overlay_mounts import OverlayMounts
from agent.watch.opens.ground import Ground
from tests.e2e.usage.conftest import until


class Watching:
    """A group with its marks, in this process."""

    def __init__(self):
        host = open_host()
        self.group = OpenGroup()
        self.ground = Ground(self.group, OverlayMounts("/proc", "self"), host.proc, host.root.stat("/"))
        self.clock = 1e9

    def look(self):
        self.ground.look(1.0, self.clock)

    def sees(self, path):
        """Open a file and tell whether that is told."""
        self._told()
        path.read_bytes()
        return path.name in self._told()

    def _told(self):
        names = []
        while buffer := self.group.read():
            for event in opens(buffer):
                names.append(self.group.path_of(event.fd).rpartition("/")[2])
                os.close(event.fd)
        return names


@pytest.fixture
def watching(looking):
    return Watching()


def running(runc, is_ready, watching, mounts=()):
    container = runc.start(
        runc.tree({"watched": "x"}), "/bin/sh", "-c", "touch /ready; exec sleep 1000", mounts=list(mounts)
    )
    is_ready(container)
    watching.look()
    return container


def test_an_overlay_is_marked_before_anything_runs_in_it(watching, runc):
    tree = runc.tree({"watched": "x"})
    watching.ground.mark_overlays(watching.clock)
    assert watching.sees(tree.root / "watched")


def test_a_container_that_was_not_seen_being_mounted_is_marked_when_it_is_seen(watching, runc, is_ready):
    container = running(runc, is_ready, watching)
    assert watching.sees(container.tree.root / "watched")
    assert not watching.ground.scopes[container.id].is_whole


def test_a_container_that_opens_too_much_is_left_alone_for_a_while_and_says_so(watching, runc, is_ready):
    container = running(runc, is_ready, watching)
    watched = watching.ground.scopes[container.id]
    watching.ground.pause(watched.mount, watching.clock)
    assert not watching.sees(container.tree.root / "watched")
    assert "too many" in watched.note
    watching.clock += 601
    watching.ground.resume(watching.clock)
    watching.look()
    assert watching.sees(container.tree.root / "watched")
    assert not watching.ground.scopes[container.id].is_whole


def test_a_volume_is_watched_in_the_container_alone(watching, runc, is_ready, tmp_path):
    volume = tmp_path / "volume"
    volume.mkdir()
    (volume / "code.py").write_text("x")
    mount = {"destination": "/volume", "type": "bind", "source": str(volume), "options": ["bind"]}
    container = running(runc, is_ready, watching, [mount])
    assert not watching.sees(volume / "code.py")
    watching._told()
    container.run("/bin/cat", "/volume/code.py")
    assert "code.py" in watching._told()


@pytest.fixture
def volume(tmp_path):
    """A directory on a file system of its own."""
    folder = tmp_path / "volume"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "stocktake", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_what_two_containers_show_of_one_file_system_is_known_to_be_shared(watching, volume, runc, is_ready):
    mount = {"destination": "/volume", "type": "bind", "source": str(volume), "options": ["bind"]}
    running(runc, is_ready, watching, [mount])
    assert os.stat(volume).st_dev not in watching.ground.shared
    running(runc, is_ready, watching, [mount])
    assert os.stat(volume).st_dev in watching.ground.shared


def test_a_container_that_is_gone_is_forgotten(watching, runc, is_ready):
    container = running(runc, is_ready, watching)
    container.close()
    until(lambda: not os.path.exists(f"/proc/{container.pid}"), "the end of the container")
    watching.look()
    assert container.id not in watching.ground.scopes
