from __future__ import annotations

from typing import TYPE_CHECKING

from agent.databases import Owned
from agent.databases import dpkg as database
from agent.databases.owners import owners
from agent.host.root import HostRoot
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.databases import Asked, Shipped
    from agent.host import Host
    from agent.model.records import Gap, Package


def owned(root: Path, *paths: str) -> dict[str, str]:
    gaps: list[Gap] = []
    found = owners([database], HostRoot(str(root)), paths, gaps.append)
    assert gaps == []
    return found


def listed(root: Path, **packages: str) -> Path:
    """Plant a database of dpkg with the files of packages, separated by white space."""
    plant(root, {STATUS: b"".join(map(stanza, packages))})
    for name, files in packages.items():
        lines = "".join(f"{path}\n" for path in ("/.", *files.split()))
        plant(root, {f"var/lib/dpkg/info/{name}.list": lines.encode()})
    return root


def test_the_package_that_lists_a_file_owns_it(tmp_path: Path) -> None:
    listed(tmp_path, a="/usr/bin/a /usr/bin/both", b="/usr/bin/b /usr/bin/both")
    assert owned(tmp_path, "/usr/bin/a", "/usr/bin/b", "/usr/bin/c") == {
        "/usr/bin/a": "dpkg/a:amd64",
        "/usr/bin/b": "dpkg/b:amd64",
    }


class Listing:
    """A package database that lists paths as they are written."""

    NAME = "listing"
    READS = ()
    STATE = ()

    def __init__(self, *paths: str) -> None:
        self._paths = paths

    def present(self, root: HostRoot) -> bool:
        return True

    def packages(self, host: Host, asked: Asked) -> Iterator[Package | Gap]:
        return iter(())

    def owned(self, root: HostRoot) -> Iterator[Owned | Gap]:
        yield Owned("listing/a", self._paths)

    def shipped(self, root: HostRoot) -> Iterator[Shipped | Gap]:
        return iter(())


def test_a_file_that_is_listed_by_the_link_of_a_merged_directory_is_owned(tmp_path: Path) -> None:
    plant(tmp_path, {"file": b"", "usr/bin/file": b"", "usr/lib/file": b""})
    links = {"bin": "usr/bin", "sbin": "/usr/sbin", "lib64": "usr/lib64", "usr/sbin": "bin", "usr/lib64": "lib"}
    for link, target in links.items():
        (tmp_path / link).symlink_to(target)
    database = Listing("/bin/ls", "/sbin/init", "/lib64/ld.so", "/usr/sbin/x")
    paths = ("/usr/bin/ls", "/usr/bin/init", "/usr/lib/ld.so", "/usr/bin/x")
    found = owners([database], HostRoot(str(tmp_path)), paths, print)
    assert found == dict.fromkeys(paths, "listing/a")


def test_links_that_lead_in_circles_or_out_own_nothing(tmp_path: Path) -> None:
    listed(tmp_path, a="/a/x /b/x /c/x")
    for link, target in {"a": "b", "b": "a", "c": "../../.."}.items():
        (tmp_path / link).symlink_to(target)
    assert owned(tmp_path, "/usr/x", "/x") == {}


def test_without_databases_nothing_is_read(tmp_path: Path) -> None:
    seen: list[str] = []
    assert owners([], HostRoot(str(tmp_path), seen.append), ["/a"], print) == {}
    assert seen == []


def test_files_of_a_package_that_cannot_be_told_are_a_gap(tmp_path: Path) -> None:
    listed(tmp_path, a="/usr/bin/a", b="/usr/bin/b")
    (tmp_path / "var/lib/dpkg/info/a.list").unlink()
    gaps: list[Gap] = []
    found = owners([database], HostRoot(str(tmp_path)), ["/usr/bin/a", "/usr/bin/b"], gaps.append)
    assert found == {"/usr/bin/b": "dpkg/b:amd64"}
    assert [gap.hides for gap in gaps] == [None]
