"""What the section integrity says of real roots: of files as dpkg and rpm left them, and as others changed them since."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.model.records import File, FileChange
from agent.model.settings import Settings
from agent.worker.collect import options_for
from tests.agent.worker.processes import Collectors, Workers
from tests.hosts import rpm
from tests.hosts.debian import build, dpkg, query

CLI = [sys.executable, "-I", "-m", "agent.cli"]
STATUS = "var/lib/dpkg/status"


class Watched:
    """A root, and scans by the worker, each of which becomes the snapshot that the next one compares with."""

    def __init__(self, root: Path, folder: Path) -> None:
        (folder / "state").mkdir(mode=0o700)
        self._settings = Settings(state_dir=str(folder / "state"), root=str(root), integrity_watch=False)
        self._workers = Workers(self._settings, Collectors(folder / "more"))

    def scan(self) -> None:
        """Scan once."""
        report, code = self._workers.run("collect", "integrity")
        assert (report["status"], code) == ("complete", 0), report

    def file(self, path: str) -> File:
        """Give the record of a path."""
        [found] = [record for record in self._records(path) if isinstance(record, File) and record.path == path]
        return found

    def verdicts(self) -> set[str | None]:
        """Give the verdicts of all regular files."""
        return {record.verdict for record in self._records("/") if isinstance(record, File) and record.sha256}

    def changes(self) -> dict[str, FileChange]:
        """Give the changes of all scans by their verdict, the last of each."""
        return {record.verdict: record for record in self._records("change/") if isinstance(record, FileChange)}

    def _records(self, prefix: str) -> list[Any]:
        return list(options_for(self._settings, "integrity").previous(prefix))


@pytest.fixture
def watched(debian: Path, tmp_path: Path) -> Watched:
    """A Debian root that was scanned once."""
    found = Watched(debian, tmp_path)
    found.scan()
    return found


def test_a_fresh_root_contradicts_nothing_and_every_file_is_what_the_database_says(release: Path) -> None:
    assert dpkg(release, "--verify").stdout == ""
    files = {record["path"]: record for record in scan(release) if record["type"] == "regular"}
    known = shipped(release)
    expected = {path: judged(release, path, *known.get(path, (None, None, False))) for path in files}
    assert {path: (record["verdict"], record["owner"]) for path, record in files.items()} == expected
    assert {verdict for verdict, _ in expected.values()} == {"packaged", "unowned"}
    assert len(files) > 1000


def test_every_link_that_dpkg_lists_has_an_owner(release: Path) -> None:
    owners = {record["path"]: record["owner"] for record in scan(release) if record["type"] == "symlink"}
    files = owners.keys() & listed(release).keys() - merged(release)
    assert {path for path, owner in owners.items() if owner} - merged(release) == files


def test_a_program_that_was_replaced_under_forged_times_contradicts_its_package(debian: Path) -> None:
    program = debian / "usr/bin/passwd"
    forge(program)
    assert [record["path"] for record in scan(debian, "--only", "contradicts")] == ["/usr/bin/passwd"]
    ended = subprocess.run(
        [*CLI, "scan", "integrity", "--root", debian, "--fail-on", "contradicts"], capture_output=True, text=True
    )
    assert ended.returncode == 4, ended.stderr
    assert "/usr/bin/passwd" in dpkg(debian, "--verify").stdout


def test_a_trojan_is_a_change_that_contradicts(debian: Path, watched: Watched) -> None:
    forge(debian / "usr/bin/passwd")
    watched.scan()
    assert watched.file("/usr/bin/passwd").verdict == "contradicts"
    assert watched.file("/usr/bin/passwd").owner == "dpkg/passwd:amd64"
    assert watched.changes().keys() == {"contradicts"}


def test_a_conffile_that_was_edited_is_configured(debian: Path, watched: Watched) -> None:
    with (debian / "etc/adduser.conf").open("a") as file:
        file.write("DIR_MODE=0700\n")
    watched.scan()
    assert watched.file("/etc/adduser.conf").verdict == "configured"
    assert watched.changes().keys() == {"configured"}


def test_an_upgrade_is_one_explained_change_with_all_its_members(
    debian: Path, watched: Watched, tmp_path: Path
) -> None:
    names = [f"usr/lib/tea/{number:03}" for number in range(500)]
    for version in ("1", "2"):
        files = {name: f"{version} of {name}\n" for name in [*names, f"usr/lib/tea/only-{version}"]}
        assert dpkg(debian, "-i", build(tmp_path, "tea", version, files=files)).returncode == 0
        watched.scan()
    change = watched.changes()["explained"]
    assert (change.created, change.removed, change.packages) == (1, 1, ("dpkg/tea:all",))
    modified = {member.rpartition(" ")[2] for member in change.members if "sha256" in member.partition(" ")[0]}
    assert modified == {f"/{name}" for name in names}
    assert watched.changes().keys() == {"explained"}
    assert "contradicts" not in watched.verdicts()


def test_apt_installs_upgrades_and_removes_with_nothing_but_explained_changes(
    debian: Path, watched: Watched, tmp_path: Path
) -> None:
    repository(debian)
    watched.scan()
    publish(debian, build(tmp_path, "tea", "1", files={"usr/bin/tea": "#!1\n", "lib/tea/leaf": "green\n"}))
    apt(debian, "install", "tea")
    watched.scan()
    assert watched.file("/usr/bin/tea").verdict == watched.file("/usr/lib/tea/leaf").verdict == "packaged"
    assert explained(watched, "created") >= {"/usr/bin/tea", "/usr/lib/tea/leaf", "/etc/tea/conf"}
    publish(debian, build(tmp_path, "tea", "2", files={"usr/bin/tea": "#!2\n"}))
    apt(debian, "upgrade")
    watched.scan()
    assert (debian / "usr/bin/tea").read_text() == "#!2\n"
    assert watched.file("/usr/bin/tea").verdict == "packaged"
    assert explained(watched, "removed") == {"/usr/lib/tea", "/usr/lib/tea/leaf"}
    apt(debian, "purge", "tea")
    watched.scan()
    assert explained(watched, "removed") >= {"/usr/bin/tea", "/etc/tea/conf"}
    assert not watched.changes().keys() & {"contradicts", "pending"}


def test_a_package_that_is_half_configured_has_its_verdicts_later(
    debian: Path, watched: Watched, tmp_path: Path
) -> None:
    script = {"postinst": "test -e /ready"}
    package = build(tmp_path, "tea", "1", scripts=script, files={"usr/bin/tea": "#!tea\n"})
    assert dpkg(debian, "-i", package).returncode != 0
    assert ["tea", "install ok half-configured"] in query(debian, "Package|Status")
    watched.scan()
    assert watched.file("/usr/bin/tea").verdict == "pending"
    (debian / "ready").touch()
    assert dpkg(debian, "--configure", "-a").returncode == 0
    watched.scan()
    assert watched.file("/usr/bin/tea").verdict == "packaged"
    assert "pending" not in watched.verdicts()


@rpm.needs_rpm
def test_files_of_rpm_are_as_shipped_edited_or_neither(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / rpm.PLACE).mkdir(parents=True)
    script = "cd %{buildroot}; mkdir -p usr/bin etc; for f in same trojan loose; do echo $f > usr/bin/$f; done; "
    script += "ln -s same usr/bin/link; for f in edited kept ghost; do echo $f > etc/$f; done"
    listing = "/usr/bin/same\n/usr/bin/trojan\n%verify(not filedigest) /usr/bin/loose\n/usr/bin/link\n"
    listing += "%config /etc/edited\n%config(noreplace) /etc/kept\n%ghost /etc/ghost"
    rpm.install(root, rpm.build(tmp_path, "tea", files=listing, install=script))
    forge(root / "usr/bin/trojan")
    for path in ("usr/bin/loose", "etc/edited", "etc/ghost", "etc/nobodys"):
        (root / path).write_text("changed\n")
    records = scan(root)
    owner = "rpm/tea:noarch"
    assert {record["path"]: (record["verdict"], record["owner"]) for record in records if record["owner"]} == {
        "/usr/bin/same": ("packaged", owner),
        "/usr/bin/trojan": ("contradicts", owner),
        "/usr/bin/loose": (None, owner),
        "/usr/bin/link": (None, owner),
        "/etc/edited": ("configured", owner),
        "/etc/kept": ("packaged", owner),
        "/etc/ghost": (None, owner),
    }
    assert [record["path"] for record in records if record["verdict"] == "unowned"] == ["/etc/nobodys"]


def scan(root: Path, *words: str) -> list[dict[str, Any]]:
    """Give the files that the command finds."""
    command = [*CLI, "scan", "integrity", "--root", root, "--format", "ndjson", *words]
    ended = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return [record for record in map(json.loads, ended.stdout.splitlines()) if record["kind"] == "file"]


def forge(program: Path) -> None:
    """Change a file's content and nothing else that can be kept: neither its size nor its times."""
    before = program.stat()
    content = program.read_bytes()
    program.write_bytes(content[:-1] + bytes((content[-1] ^ 1,)))
    os.utime(program, ns=(before.st_atime_ns, before.st_mtime_ns))


def judged(root: Path, path: str, owner: str | None, md5: str | None, configuration: bool) -> tuple[str | None, Any]:
    """Judge a file as debsums does."""
    if owner is None:
        return "unowned", None
    if md5 is None:
        return None, owner
    if hashlib.md5((root / path[1:]).read_bytes()).hexdigest() == md5:
        return "packaged", owner
    return ("configured" if configuration else "contradicts"), owner


def shipped(root: Path) -> dict[str, tuple[str, str | None, bool]]:
    """Give owner, MD5 and whether it is a conffile of every file, by the place where it lies, from dpkg's own answers."""
    found: dict[str, tuple[str, str | None, bool]] = {}
    owners = listed(root)
    for path, owner in owners.items():
        found[path] = (owner, None, False)
    info = root / "var/lib/dpkg/info"
    for sums in info.glob("*.md5sums"):
        for line in sums.read_text().splitlines():
            path = real(root, f"/{line[34:]}")
            found[path] = (owners[path], line[:32], False)
    for path, md5 in re.findall(r"(?m)^ (/\S+) ([0-9a-f]{32})", (root / STATUS).read_text()):
        if path in owners:
            found[path] = (owners[path], md5, True)
    return found


def listed(root: Path) -> dict[str, str]:
    """Give the owner of every path that dpkg lists, by the place where it lies."""
    owners = {}
    for name, architecture in query(root, "Package|Architecture"):
        command = ["dpkg-query", f"--root={root}", "-L", f"{name}:{architecture}"]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for path in output.splitlines():
            owners[real(root, path)] = f"dpkg/{name}:{architecture}"
    return owners


def merged(root: Path) -> set[str]:
    """Give the directories that became links, which packages still list as directories."""
    return {f"/{path.name}" for path in root.iterdir() if path.is_symlink()}


def real(root: Path, path: str) -> str:
    """Give a path without the links that its directory goes through."""
    folder, _, name = path.rpartition("/")
    inside = os.path.realpath(f"{root}{folder}")
    return f"{inside.removeprefix(os.path.realpath(root))}/{name}"


def explained(watched: Watched, what: str) -> set[str]:
    """Give the members of the last explained change to which something happened."""
    members = watched.changes()["explained"].members
    return {path for happened, _, path in (member.partition(" ") for member in members) if happened == what}


def repository(root: Path) -> None:
    """Make a root's apt find a folder of packages, and nothing else."""
    (root / "repository").mkdir()
    (root / "repository/Packages").touch()
    (root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/repository ./\n")
    os.mknod(root / "dev/null", 0o20666, os.makedev(1, 3))


def publish(root: Path, package: Path) -> None:
    """Put a package into the folder in the place of what was there."""
    shutil.copy(package, root / "repository")
    fields = subprocess.run(["dpkg-deb", "-f", package], capture_output=True, text=True, check=True).stdout
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    more = f"Filename: ./{package.name}\nSize: {package.stat().st_size}\nSHA256: {digest}\n\n"
    (root / "repository/Packages").write_text(fields + more)
    apt(root, "update")


def apt(root: Path, *words: str) -> None:
    """Run the root's own apt-get."""
    command = ["chroot", root, "apt-get", "-qq", "-o", "APT::Sandbox::User=root", "-y", *words]
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
