"""What is remembered of a tree, and when it is looked up again."""

import os
import time

import pytest

from agent.collectors.usage.apart import Apart
from agent.collectors.usage.trees import Trees
from agent.host.root import HostRoot
from tests.agent.inventory.belonging.looking import metadata
from tests.hosts.trees import plant, stanza

SITE = "opt/site-packages"
RECORD = f"{SITE}/a-1.0.dist-info/RECORD"
FILES = {f"/{SITE}/a/__init__.py": False, "/usr/bin/b": True, "/app/nobody.py": False}


@pytest.fixture
def root(tmp_path):
    plant(
        tmp_path,
        {
            "var/lib/dpkg/status": stanza("b"),
            "var/lib/dpkg/info/b.list": b"/usr/bin/b\n",
            f"{SITE}/a-1.0.dist-info/METADATA": metadata("a").encode(),
            RECORD: b"a/__init__.py,,\n",
        },
    )
    for path in tmp_path.rglob("*"):
        os.utime(path, (1, 1))
    return tmp_path


class Looking:
    def __init__(self, root):
        self.root = root
        self.known = {}
        self.read = []

    def owners(self, now=1000, files=FILES, packages=(), name="host"):
        trees = Trees(self.known, now, Apart(None))
        self.read.clear()
        found = trees.owners(name, HostRoot(str(self.root), self.read.append), files, lambda _: None, packages)
        self.known = trees.kept
        return {path: [each.package for each in found.files.get(path, ())] for path in files}


@pytest.fixture
def looking(root, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: time.monotonic() + 4e9)  # what was planted has rested
    return Looking(root)


A, B = f"/{SITE}/a-*.dist-info/METADATA#pypi/a", "dpkg/b:amd64"


def test_files_are_looked_up_once(looking):
    assert list(looking.owners().values()) == [[A], [B], []]
    assert f"/{RECORD}" in looking.read
    assert list(looking.owners().values()) == [[A], [B], []]
    assert f"/{RECORD}" not in looking.read
    assert "/var/lib/dpkg/info/b.list" not in looking.read


def test_a_new_file_alone_is_looked_up(looking):
    looking.owners()
    looking.owners(files={**FILES, f"/{SITE}/a/later.py": False})
    assert f"/{RECORD}" in looking.read


def test_a_database_that_changed_is_read_again(looking, root):
    looking.owners()
    (root / "var/lib/dpkg/info/b.list").write_bytes(b"")
    (root / "var/lib/dpkg/status").write_bytes(stanza("b", "2.0"))
    assert looking.owners()["/usr/bin/b"] == []


def test_a_package_whose_description_changed_is_looked_up_again(looking, root):
    looking.owners()
    (root / SITE / "a-1.0.dist-info/METADATA").unlink()
    assert looking.owners()[f"/{SITE}/a/__init__.py"] == []


def test_what_belonged_to_nobody_is_looked_up_again_after_an_hour(looking, root):
    looking.owners()
    plant(
        root, {"app/n-1.dist-info/METADATA": metadata("n", "1").encode(), "app/n-1.dist-info/RECORD": b"nobody.py,,\n"}
    )
    assert looking.owners(now=1100)["/app/nobody.py"] == []
    assert looking.owners(now=1000 + 3601)["/app/nobody.py"] == ["/app/n-*.dist-info/METADATA#pypi/n"]


def test_trees_of_other_layers_are_not_mixed_up(looking):
    looking.owners()
    assert list(looking.owners(name="layers").values()) == [[], [], []]  # nobody looks up apart here
