from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.databases.merged import merged
from agent.host.root import HostRoot
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path


def real(root: Path, *paths: str) -> list[str]:
    places = merged(HostRoot(str(root)))
    return [places.real(path) for path in paths]


def linked(root: Path, **links: str) -> Path:
    """Plant a root with links at its top; those of /usr have usr_ before their names."""
    plant(root, {"usr/bin/x": b"", "usr/lib/x": b"", "run/x": b"", "var/x": b""})
    for link, target in links.items():
        (root / link.replace("_", "/")).symlink_to(target)
    return root


def test_paths_lie_where_merged_directories_lead_to(tmp_path: Path) -> None:
    root = linked(tmp_path, bin="usr/bin", lib="/usr/./lib/", lib64="usr/lib64", usr_lib64="lib", var_run="../run")
    assert real(root, "/bin/a", "/lib/b/c", "/lib64/ld.so", "/usr/lib64/x", "/var/run/pid") == [
        "/usr/bin/a",
        "/usr/lib/b/c",
        "/usr/lib/ld.so",
        "/usr/lib/x",
        "/run/pid",
    ]


@pytest.mark.parametrize("path", ["/bin", "/library/c", "/usr/bin/e", "/var/x", "relative"])
def test_all_other_paths_lie_where_they_are_listed(tmp_path: Path, path: str) -> None:
    assert real(linked(tmp_path, bin="usr/bin", lib="usr/lib"), path) == [path]


def test_links_to_files_in_circles_and_to_nowhere_merge_nothing(tmp_path: Path) -> None:
    root = linked(tmp_path, a="b", b="a", c="usr/bin/x", d="nowhere")
    assert real(root, "/a/x", "/b/x", "/c/x", "/d/x") == ["/a/x", "/b/x", "/c/x", "/d/x"]


def test_a_link_that_leads_out_of_the_root_leads_to_its_top(tmp_path: Path) -> None:
    assert real(linked(tmp_path, out="../../../usr/bin"), "/out/a") == ["/usr/bin/a"]


def test_a_path_has_the_names_of_all_links_that_lead_to_it(tmp_path: Path) -> None:
    root = linked(tmp_path, bin="usr/bin", sbin="usr/sbin", usr_sbin="bin")
    assert sorted(merged(HostRoot(str(root))).names("/usr/bin/x")) == ["/bin/x", "/sbin/x", "/usr/bin/x", "/usr/sbin/x"]


def test_a_root_without_directories_merges_nothing(tmp_path: Path) -> None:
    assert real(tmp_path, "/bin/a") == ["/bin/a"]
