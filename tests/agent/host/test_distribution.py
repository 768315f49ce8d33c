"""The distribution of a tree is what its os-release says, and that of no other tree."""

import os
import stat

import pytest

from agent.host.distribution import Distribution, read_distribution
from agent.host.errors import LimitReached, NotAFile
from agent.host.root import HostRoot

DEBIAN = """PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
HOME_URL="https://www.debian.org/"
"""
UBUNTU = """PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.1 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
"""
ROCKY = """NAME="Rocky Linux"
VERSION="9.3 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.3"
PRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"
"""
QUOTES = """# a comment
ID='single'
PRETTY_NAME="A \\"quoted\\" \\$name"
VERSION_ID=1\\ 2
"""


def tree_of(tree, content, path="etc/os-release"):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    return HostRoot(str(tree))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (DEBIAN, Distribution("debian", "12", "bookworm", "Debian GNU/Linux 12 (bookworm)", ())),
        (UBUNTU, Distribution("ubuntu", "24.04", "noble", "Ubuntu 24.04.1 LTS", ("debian",))),
        (ROCKY, Distribution("rocky", "9.3", "Blue Onyx", "Rocky Linux 9.3 (Blue Onyx)", ("rhel", "centos", "fedora"))),
        (QUOTES, Distribution("single", "1 2", None, 'A "quoted" \\$name', ())),
        ("", Distribution(None, None, None, None, ())),
        ("root:x:0:0:root:/root:/bin/bash\n", Distribution(None, None, None, None, ())),
    ],
    ids=["debian", "ubuntu", "rocky", "quotes", "empty", "another file"],
)
def test_a_distribution_is_read(tree, content, expected):
    assert read_distribution(tree_of(tree, content)) == expected


def test_this_host_is_what_its_own_file_says():
    with open("/etc/os-release") as file:
        says = dict(line.rstrip().replace('"', "").split("=", 1) for line in file if "=" in line)
    found = read_distribution(HostRoot("/"))
    assert (found.id, found.version, found.name) == (says["ID"], says.get("VERSION_ID"), says["PRETTY_NAME"])


def test_the_file_of_usr_lib_counts_where_etc_has_none(tree):
    assert read_distribution(tree_of(tree, DEBIAN, "usr/lib/os-release")).id == "debian"


def test_the_file_of_etc_counts_before_that_of_usr_lib(tree):
    tree_of(tree, DEBIAN, "usr/lib/os-release")
    assert read_distribution(tree_of(tree, UBUNTU)).id == "ubuntu"


def test_a_tree_without_either_has_none(tree):
    with pytest.raises(FileNotFoundError):
        read_distribution(HostRoot(str(tree)))


@pytest.mark.parametrize("target", ["../../../../etc/os-release", "/etc/../../../../../etc/os-release"])
def test_a_link_out_of_the_tree_does_not_give_the_distribution_of_the_host(tree, target):
    (tree / "etc/os-release").symlink_to(os.path.abspath("/") + target)
    with pytest.raises(OSError):
        read_distribution(HostRoot(str(tree)))


def test_a_link_to_a_file_of_the_host_finds_the_one_of_the_tree(tree):
    (tree / "etc/os-release").symlink_to("../../../../etc/passwd")
    (tree / "etc/passwd").write_text("ID=inside\n")
    assert read_distribution(HostRoot(str(tree))).id == "inside"


def test_another_file_of_the_tree_is_not_looked_at(tree):
    """distro itself would read debian_version and every *-release below etc."""
    (tree / "etc/debian_version").write_text("12.5\n")
    (tree / "etc/redhat-release").write_text("Red Hat Enterprise Linux release 9.3 (Plow)\n")
    seen = []
    tree_of(tree, "ID=debian\n")
    found = read_distribution(HostRoot(str(tree), seen.append))
    assert found == Distribution("debian", None, None, None, ())
    assert seen == ["/etc/os-release"]


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFDIR])
def test_what_is_no_regular_file_is_not_opened(tree, kind):
    path = tree / "etc/os-release"
    path.mkdir() if kind == stat.S_IFDIR else os.mkfifo(path)
    with pytest.raises(NotAFile):
        read_distribution(HostRoot(str(tree)))


def test_a_file_of_a_gigabyte_is_an_error(tree):
    with (tree / "etc/os-release").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(LimitReached):
        read_distribution(HostRoot(str(tree)))


def test_bytes_that_are_not_utf_8_spoil_no_other_value(tree):
    found = read_distribution(tree_of(tree, b'ID=debian\nPRETTY_NAME="\xff\xfe"\nVERSION_ID="12"\n'))
    assert found == Distribution("debian", "12", None, "\ufffd\ufffd", ())


def test_a_quote_that_is_not_closed_is_an_error(tree):
    with pytest.raises(ValueError):
        read_distribution(tree_of(tree, 'ID="debian\n'))


def test_a_long_value_is_cut(tree):
    assert len(read_distribution(tree_of(tree, f"PRETTY_NAME={'x' * 9000}\n")).name) == 200


def test_no_descriptor_is_left_open(tree):
    root = tree_of(tree, DEBIAN)
    read_distribution(root)
    before = os.listdir("/proc/self/fd")
    read_distribution(root)
    assert os.listdir("/proc/self/fd") == before
