from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.databases import Owned, Shipped, dpkg
from agent.host import open_host
from agent.model.records import Gap
from tests.hosts.debian import build, query
from tests.hosts.debian import dpkg as run_dpkg
from tests.hosts.trees import STATUS, listed, plant, stanza, take_packages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-query"), reason="dpkg is not installed")

MD5 = hashlib.md5(b"").hexdigest()
INFO = "var/lib/dpkg/info"
KEY = "Package|Architecture"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A root that dpkg can install packages without scripts into, with /bin merged into /usr."""
    plant(tmp_path / "root", {STATUS: b"", "var/lib/dpkg/updates/.keep": b"", "usr/bin/.keep": b""})
    (tmp_path / "root/bin").symlink_to("usr/bin")
    return tmp_path / "root"


def test_every_package_owns_what_dpkg_query_lists(release: Path) -> None:
    assert troubles(release) == []
    assert owned(release) == lists(release)


def test_this_machine_has_the_owners_that_dpkg_finds() -> None:
    places = owned("/")
    paths = [path for path in ("/usr/bin/env", "/usr/bin/dpkg", "/usr/lib/os-release") if os.path.exists(path)]
    found = subprocess.run(["dpkg", "-S", *paths], capture_output=True, text=True, check=True).stdout
    for package, path in (line.split(": ") for line in found.splitlines()):
        assert path in next(of for key, of in places.items() if key.startswith(f"dpkg/{package.split(':')[0]}:"))


def test_a_diverted_file_lies_where_it_was_diverted_to(bare: Path, tmp_path: Path) -> None:
    files = {"usr/bin/pot": "tea\n", "bin/cup": "tea\n"}
    assert run_dpkg(bare, "-i", build(tmp_path, "tea", "1", files=files)).returncode == 0
    divert(bare, "--package", "coffee", "--rename", "--divert", "/usr/bin/pot.tea", "/usr/bin/pot")
    divert(bare, "--local", "--rename", "--divert", "/bin/cup.local", "/bin/cup")
    assert run_dpkg(bare, "-i", build(tmp_path, "coffee", "1", files={"usr/bin/pot": "coffee\n"})).returncode == 0
    places = owned(bare)
    assert {"/usr/bin/pot.tea", "/bin/cup.local"} <= places["dpkg/tea:all"]
    assert "/usr/bin/pot" in places["dpkg/coffee:all"]
    assert places == lists(bare)
    assert {found.path: found.digest for found in shipped(bare) if found.owner == "dpkg/tea:all" and found.digest} == {
        "/etc/tea/conf": md5(b"x\n"),
        "/usr/bin/pot.tea": md5(b"tea\n"),
        "/bin/cup.local": md5(b"tea\n"),
    }


def test_a_fresh_root_has_what_was_shipped(release: Path) -> None:
    found = shipped(release)
    assert len(found) > 1000
    assert changed(release) == verified(release)
    assert {item.path for item in found if item.configuration} == conffiles(release)


def test_what_was_changed_or_removed_since_is_what_dpkg_verify_finds(bare: Path, tmp_path: Path) -> None:
    run_dpkg(bare, "-i", build(tmp_path, "tea", "1", files={"usr/bin/pot": "tea\n", "usr/bin/cup": "tea\n"}))
    before = verified(bare)
    (bare / "etc/tea/conf").write_text("edited\n")
    (bare / "usr/bin/pot").write_text("coffee\n")
    (bare / "usr/bin/cup").unlink()
    assert verified(bare) == {*before, "/etc/tea/conf", "/usr/bin/pot", "/usr/bin/cup"}
    assert changed(bare) == verified(bare)


def test_a_conffile_that_a_new_version_ships_no_more_is_still_configuration(bare: Path, tmp_path: Path) -> None:
    run_dpkg(bare, "-i", build(tmp_path, "tea", "1"))
    later = build(tmp_path, "tea", "2")
    tree = tmp_path / "tea_2"
    shutil.rmtree(tree / "etc")
    (tree / "DEBIAN/conffiles").unlink()
    subprocess.run(["dpkg-deb", "-b", tree, later], check=True, stdout=subprocess.DEVNULL)
    run_dpkg(bare, "-i", later)
    assert b"obsolete" in (bare / STATUS).read_bytes()
    assert [item for item in shipped(bare) if "tea" in item.owner and item.digest] == [
        Shipped("/etc/tea/conf", "dpkg/tea:all", md5(b"x\n"), True)
    ]


def test_a_package_that_was_removed_still_ships_its_conffile(bare: Path, tmp_path: Path) -> None:
    run_dpkg(bare, "-i", build(tmp_path, "tea", "1", files={"usr/bin/pot": "tea\n"}))
    run_dpkg(bare, "-r", "tea")
    assert "/etc/tea/conf" in owned(bare)["dpkg/tea:all"]
    assert [item for item in shipped(bare) if "tea" in item.owner and item.digest] == [
        Shipped("/etc/tea/conf", "dpkg/tea:all", md5(b"x\n"), True)
    ]


def test_links_maintainer_scripts_and_directories_of_one_package_are_shipped_without_a_digest(
    bare: Path, tmp_path: Path
) -> None:
    package = build(tmp_path, "tea", "1", files={"usr/share/tea/pot": "tea\n"}, scripts={"postinst": ":"})
    tree = tmp_path / "tea_1"
    (tree / "usr/share/tea/cup").symlink_to("pot")
    (tree / "usr/share/tea/deep").mkdir()
    (tree / "usr/share/tea/deep/spoon").symlink_to("../pot")
    subprocess.run(["dpkg-deb", "-b", tree, package], check=True, stdout=subprocess.DEVNULL)
    assert run_dpkg(bare, "--unpack", package).returncode == 0
    assert {
        item.path for item in shipped(bare) if item.owner == "dpkg/tea:all" and not (item.digest or item.configuration)
    } == {
        *("/etc", "/etc/tea", "/usr", "/usr/share", "/usr/share/tea", "/usr/share/tea/deep"),
        "/usr/share/tea/cup",
        "/usr/share/tea/deep/spoon",
        f"/{INFO}/tea.postinst",
    }


def test_every_file_that_dpkg_lists_is_shipped(release: Path) -> None:
    """All that is not beside it is a directory: what dpkg lists and nobody lists anything below of may be one, too."""
    listed = {path for paths in lists(release).values() for path in paths}
    given = {item.path for item in shipped(release) if not item.path.startswith(f"/{INFO}/")}
    assert given <= listed
    assert {path for path in listed - given if not (release / path[1:]).is_dir()} == set()


def test_a_file_that_another_package_took_over_is_shipped_by_that_alone(bare: Path, tmp_path: Path) -> None:
    """dpkg takes it out of the list of the first package, and leaves the line in its md5sums."""
    run_dpkg(bare, "-i", build(tmp_path, "tea", "1", files={"usr/bin/pot": "tea\n"}))
    with_sums = (bare / INFO / "tea.md5sums").read_bytes()
    run_dpkg(bare, "-i", build(tmp_path, "coffee", "1", "Replaces: tea\n", files={"usr/bin/pot": "coffee\n"}))
    assert (bare / INFO / "tea.md5sums").read_bytes() == with_sums
    assert [item for item in shipped(bare) if item.path == "/usr/bin/pot"] == [
        Shipped("/usr/bin/pot", "dpkg/coffee:all", md5(b"coffee\n"), False)
    ]


def test_a_package_without_md5sums_ships_its_files_without_digests(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), f"{INFO}/a.list": b"/.\n/usr\n/usr/bin\n/usr/bin/a\n/usr/bin/b"})
    assert set(shipped(tmp_path)) == {
        Shipped(path, "dpkg/a:amd64", None, False) for path in ("/usr", "/usr/bin", "/usr/bin/a", "/usr/bin/b")
    }


def test_a_directory_of_several_packages_is_nobodys(tmp_path: Path) -> None:
    lists = {f"{INFO}/{name}.list": f"/usr\n/usr/{name}\n/usr/{name}/x\n".encode() for name in "ab"}
    plant(tmp_path, {STATUS: stanza("a") + stanza("b"), **lists})
    assert {item.path for item in shipped(tmp_path)} == {"/usr/a", "/usr/a/x", "/usr/b", "/usr/b/x"}


def test_without_a_list_the_owners_of_files_are_not_known_and_without_checksums_only_digests(tmp_path: Path) -> None:
    lists = {f"{INFO}/b.list": b"/b\n", f"{INFO}/b.md5sums/x": b"", f"{INFO}/a.md5sums": f"{MD5}  a\n".encode()}
    plant(tmp_path, {STATUS: stanza("a") + stanza("b"), **lists})
    assert shipped(tmp_path) == [
        Shipped("/a", "dpkg/a:amd64", f"md5:{MD5}", False),
        Shipped("/b", "dpkg/b:amd64", None, False),
    ]
    found = [gap for gap in dpkg.shipped(open_host(str(tmp_path)).root) if isinstance(gap, Gap)]
    assert [(gap.subject, gap.hides) for gap in found] == [
        ("files of packages of dpkg", "/"),
        ("checksums of files of packages of dpkg", None),
    ]


def test_an_image_whose_packages_have_no_checksums_does_not_tell_whose_files_are(tmp_path: Path) -> None:
    plant(tmp_path, {"var/lib/dpkg/status.d/a": stanza("a")})
    [gap] = dpkg.shipped(open_host(str(tmp_path)).root)
    assert isinstance(gap, Gap)
    assert (gap.hides, gap.detail) == ("/", "/var/lib/dpkg/status.d/a: no checksums are beside it")
    assert list(dpkg.owned(open_host(str(tmp_path)).root)) == [Owned("dpkg/a:amd64", [])]


def test_a_library_of_two_architectures_has_two_lists(tmp_path: Path) -> None:
    same = {"more": "Multi-Arch: same\n"}
    status = stanza("a", **same) + stanza("a", architecture="i386", **same)
    lists = {f"{INFO}/a:{name}.list": f"/usr/{name}\n".encode() for name in ("amd64", "i386")}
    plant(tmp_path, {STATUS: status, **lists})
    assert owned(tmp_path) == {"dpkg/a:amd64": {"/usr/amd64"}, "dpkg/a:i386": {"/usr/i386"}}


@pytest.mark.parametrize("name", [lambda package: package, lambda package: base64.b64encode(package.encode()).decode()])
def test_an_image_without_dpkg_has_its_files_by_their_checksums(
    release: Path, tmp_path: Path, name: Callable[[str], str]
) -> None:
    """The layout of distroless images, with names in clear and in base64 as they had them for years."""
    shutil.copytree(release / "var/lib/dpkg", tmp_path / "var/lib/dpkg")
    expected = {item for item in shipped(tmp_path) if item.digest and not item.configuration}
    without_dpkg(tmp_path / "var/lib/dpkg", name)
    assert {f"dpkg/{name}" for name in listed(take_packages(tmp_path))} == {
        item.owner.rpartition(":")[0] for item in expected
    }
    assert troubles(tmp_path) == []
    assert set(shipped(tmp_path)) == expected
    assert {path for paths in owned(tmp_path).values() for path in paths} == {item.path for item in expected}


def test_a_diversion_holds_for_the_path_as_it_is_written(tmp_path: Path) -> None:
    """dpkg compares no real paths: a package that ships /bin/x is not touched by a diversion of /usr/bin/x."""
    diversions = b"/usr/bin/x\n/usr/bin/x.real\nother\n"
    files = {f"{INFO}/a.list": b"/bin/x\n", f"{INFO}/b.list": b"/usr/bin/x\n", "var/lib/dpkg/diversions": diversions}
    plant(tmp_path, {STATUS: stanza("a") + stanza("b"), **files})
    assert owned(tmp_path) == {"dpkg/a:amd64": {"/bin/x"}, "dpkg/b:amd64": {"/usr/bin/x.real"}}


def test_a_conffile_that_an_upgrade_removes_or_that_was_never_configured_has_no_digest(tmp_path: Path) -> None:
    conffiles = f"Conffiles:\n /etc/new newconffile\n /etc/gone {MD5} remove-on-upgrade\n"
    plant(tmp_path, {STATUS: stanza("a", more=conffiles), f"{INFO}/a.md5sums": f"{MD5}  etc/new\n".encode()})
    assert shipped(tmp_path) == [Shipped("/etc/new", "dpkg/a:amd64", None, True)]


def test_lists_that_are_missing_or_no_files_are_one_gap(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: b"".join(map(stanza, "abcd")), f"{INFO}/a.list": b"/a\n", f"{INFO}/c.list/x": b""})
    [gap] = troubles(tmp_path)
    assert (gap.subject, gap.reason, gap.hides) == ("files of packages of dpkg", "absent", None)
    assert gap.detail == "/var/lib/dpkg/info/b.list and 2 more: No such file or directory"
    assert owned(tmp_path) == {"dpkg/a:amd64": {"/a"}}


def test_malformed_lines_are_left_out_with_one_gap_a_file(tmp_path: Path) -> None:
    lists = {f"{INFO}/a.list": b"usr/a\n/b\nc\n", f"{INFO}/a.md5sums": f"x\n{MD5}  b\n".encode()}
    conffiles = stanza("a", more="Conffiles:\n /etc/a\n")
    plant(tmp_path, {STATUS: conffiles, **lists, "var/lib/dpkg/diversions": b"/b\n/c\n"})
    assert owned(tmp_path) == {"dpkg/a:amd64": {"/b"}}
    assert shipped(tmp_path) == [Shipped("/b", "dpkg/a:amd64", f"md5:{MD5}", False)]
    assert {(gap.subject, gap.reason, gap.detail[0]) for gap in troubles(tmp_path)} == {
        ("/var/lib/dpkg/diversions", "malformed", "2"),
        ("/var/lib/dpkg/info/a.list", "malformed", "2"),
        ("/var/lib/dpkg/info/a.md5sums", "malformed", "1"),
        ("conffiles of dpkg/a:amd64", "malformed", "1"),
    }


def test_names_that_lead_elsewhere_are_no_names_of_lists(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("../status") + stanza("a\0b"), f"{INFO}/x": b""})
    assert owned(tmp_path) == {}
    assert [gap.reason for gap in troubles(tmp_path)] == ["malformed", "malformed"]


def test_a_root_without_a_database_owns_nothing(tmp_path: Path) -> None:
    assert (owned(tmp_path), shipped(tmp_path), troubles(tmp_path)) == ({}, [], [])


def owned(root: Path | str) -> dict[str, set[str]]:
    """Give the files that packages own; their scripts, which dpkg keeps for itself, are in none of its lists."""
    found: dict[str, set[str]] = {}
    for part in dpkg.owned(open_host(str(root)).root):
        if isinstance(part, Owned):
            listed = {path for path in part.paths if path != "/." and not path.startswith(f"/{INFO}/")}
            found.setdefault(part.owner, set()).update(listed)
    return found


def shipped(root: Path) -> list[Shipped]:
    return [item for item in dpkg.shipped(open_host(str(root)).root) if isinstance(item, Shipped)]


def troubles(root: Path) -> list[Gap]:
    """Give what owned and shipped report, who differ in what it hides."""
    opened = open_host(str(root)).root
    found = (gap for read in (dpkg.owned, dpkg.shipped) for gap in read(opened) if isinstance(gap, Gap))
    return list(dict.fromkeys(replace(gap, hides=None) for gap in found))


def lists(root: Path) -> dict[str, set[str]]:
    """Give what dpkg-query lists of every package, diverted files where they lie."""
    found = {}
    for name, architecture in query(root, KEY):
        text = subprocess.run(
            ["dpkg-query", f"--root={root}", "-L", f"{name}:{architecture}"], capture_output=True, text=True, check=True
        ).stdout
        text = re.sub(r"(?m)^/.*\n(?:diverted by .*|locally diverted) to: (/.*)$", r"\1", text)
        found[f"dpkg/{name}:{architecture}"] = {line for line in text.splitlines() if line.startswith("/")} - {"/."}
    return found


def conffiles(root: Path) -> set[str]:
    command = ["dpkg-query", f"--root={root}", "-W", "-f", "${Conffiles}\\n"]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?m)^ (/\S+) [0-9a-f]{32}(?: obsolete)?$", output))


def changed(root: Path) -> set[str]:
    """Give what is no longer as it was shipped, by its MD5."""
    return {item.path for item in shipped(root) if item.digest and item.digest != digest(root / item.path[1:])}


def verified(root: Path) -> set[str]:
    """Give what dpkg itself finds changed or missing."""
    output = run_dpkg(root, "--verify").stdout
    return {f"/{line.partition(' /')[2]}" for line in output.splitlines()}


def digest(path: Path) -> str | None:
    return md5(path.read_bytes()) if path.exists() else None


def md5(content: bytes) -> str:
    return f"md5:{hashlib.md5(content).hexdigest()}"


def divert(root: Path, *arguments: str) -> None:
    subprocess.run(["dpkg-divert", f"--root={root}", *arguments], check=True, stdout=subprocess.DEVNULL)


def without_dpkg(database: Path, name: Callable[[str], str]) -> None:
    """Turn a database into what builders of distroless images leave: control files and checksums in status.d."""
    (database / "status.d").mkdir()
    for text in (database / "status").read_text().split("\n\n")[:-1]:
        fields = dict(re.findall(r"(?m)^(Package|Architecture|Multi-Arch): (.*)$", text))
        qualified = f":{fields['Architecture']}" if fields.get("Multi-Arch") == "same" else ""
        sums = database / f"info/{fields['Package']}{qualified}.md5sums"
        if sums.exists():
            control = re.sub(r"(?m)^(?:Status: .*|Conffiles:(?:\n .*)*)\n", "", text)
            (database / "status.d" / name(fields["Package"])).write_text(control + "\n")
            shutil.copy(sums, database / f"status.d/{name(fields['Package'])}.md5sums")
    shutil.rmtree(database / "info")
    (database / "status").unlink()
