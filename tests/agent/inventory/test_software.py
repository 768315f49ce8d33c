"""The walk of the section packages: agent/inventory/software.py and what it is made of."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, TypeVar

import pytest

from agent.collectors import packages
from agent.host import open_host
from agent.model.codec import encode
from agent.model.records import Executable, Gap, LanguagePackage, Package, Walk
from agent.model.spec import Options
from tests.hosts.debian import dpkg
from tests.hosts.downloads import archive_from_debian
from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.model.records import Record

T = TypeVar("T")
METADATA = b"Metadata-Version: 2.1\nName: %b\nVersion: %b\nLicense-Expression: MIT\n\n"
PYTHON = frozenset(("python", "licenses"))
PROGRAMS = frozenset(("python", "executables"))


def take(root: Path, parts: frozenset[str] | None, observe: Callable[[str], None] | None = None) -> list[Record]:
    return list(packages.collect(open_host(str(root), observe=observe), Options(parts=parts)))


def only(kind: type[T], records: list[Record]) -> list[T]:
    return [record for record in records if isinstance(record, kind)]


def distribution(name: bytes, version: bytes) -> dict[str, bytes]:
    return {f"lib/{name.decode()}-{version.decode()}.dist-info/METADATA": METADATA % (name, version)}


def program(root: Path, path: str, content: bytes = b"#!/bin/sh\n") -> None:
    plant(root, {path: content})
    (root / path).chmod(0o755)


def test_a_package_of_a_language_is_told_in_full(tmp_path: Path) -> None:
    plant(tmp_path, distribution(b"Some.Name", b"1.0"))
    [found] = only(LanguagePackage, take(tmp_path, PYTHON))
    assert found == LanguagePackage(
        ecosystem="pypi",
        name="Some.Name",
        version="1.0",
        purl="pkg:pypi/some-name@1.0",
        license="MIT",
        license_form="spdx",
        location="/lib/Some.Name-1.0.dist-info/METADATA",
        place="/lib/Some.Name-*.dist-info/METADATA",
        owner=None,
    )


def test_licences_are_told_where_they_are_asked_for(tmp_path: Path) -> None:
    plant(tmp_path, distribution(b"a", b"1"))
    [found] = only(LanguagePackage, take(tmp_path, frozenset(("python",))))
    assert (found.license, found.license_form) == (None, None)


def test_names_are_told_in_full(tmp_path: Path) -> None:
    plant(tmp_path, {"a/node_modules/@scope/x/package.json": b'{"name": "@scope/x", "version": "1.0.0"}'})
    [found] = only(LanguagePackage, take(tmp_path, frozenset(("node",))))
    assert (found.name, found.purl) == ("@scope/x", "pkg:npm/%40scope/x@1.0.0")


def test_an_upgrade_is_a_change_of_one_record(tmp_path: Path) -> None:
    before = only(LanguagePackage, take(plant(tmp_path / "a", distribution(b"a", b"1.0")), PYTHON))
    after = only(LanguagePackage, take(plant(tmp_path / "b", distribution(b"a", b"2.0")), PYTHON))
    assert [found.key for found in before] == [found.key for found in after]
    assert [found.version for found in (*before, *after)] == ["1.0", "2.0"]


def test_the_package_of_the_system_that_ships_a_package_of_a_language_is_its_owner(tmp_path: Path) -> None:
    plant(tmp_path, {**distribution(b"a", b"1.0"), **distribution(b"b", b"1.0"), STATUS: stanza("python3-a")})
    plant(tmp_path, {"var/lib/dpkg/info/python3-a.list": b"/lib/a-1.0.dist-info/METADATA\n"})
    found = only(LanguagePackage, take(tmp_path, PYTHON | {"dpkg"}))
    assert {package.name: package.owner for package in found} == {"a": "dpkg/python3-a:amd64", "b": None}


def test_programs_that_nobody_owns_are_told_with_their_digests(tmp_path: Path) -> None:
    program(tmp_path, "opt/elf", b"\x7fELF" + b"x" * 300_000)
    program(tmp_path, "opt/script")
    program(tmp_path, "opt/text", b"text")
    program(tmp_path, "opt/empty", b"")
    plant(tmp_path, {"opt/not-executable": b"#!/bin/sh\n"})
    elf = hashlib.sha256(b"\x7fELF" + b"x" * 300_000).hexdigest()
    script = hashlib.sha256(b"#!/bin/sh\n").hexdigest()
    assert only(Executable, take(tmp_path, PROGRAMS)) == [
        Executable("/opt/elf", elf, 300_004, "elf"),
        Executable("/opt/script", script, 10, "script"),
    ]


def test_a_program_that_is_gone_or_changed_when_it_is_read_is_none_or_has_no_digest(tmp_path: Path) -> None:
    plant(tmp_path, distribution(b"a", b"1"))
    for path in ("opt/gone", "opt/swapped", "opt/stays"):
        program(tmp_path, path)
    records = []
    for record in packages.collect(open_host(str(tmp_path)), Options(parts=PROGRAMS)):
        if isinstance(record, LanguagePackage):
            (tmp_path / "opt/gone").unlink()
            (tmp_path / "opt/swapped").unlink()
            (tmp_path / "opt/swapped").symlink_to("stays")
        records.append(record)
    found = {program.path: program.sha256 is None for program in only(Executable, records)}
    assert found == {"/opt/stays": False, "/opt/swapped": True}
    assert [(gap.reason, gap.hides) for gap in only(Gap, records)] == [("not_a_file", None)]


def test_programs_of_packages_are_not_told(tmp_path: Path) -> None:
    """Those of a package of the system, and of a package of a language, which are met before the package itself."""
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": b"/usr/bin/a\n", **distribution(b"b", b"1")})
    record = b"../bin/b,,\nb/tool,,\nb-1.dist-info/METADATA,,\n"
    plant(tmp_path, {"lib/b-1.dist-info/RECORD": record})
    for path in ("usr/bin/a", "bin/b", "lib/b/tool", "lib/c"):
        program(tmp_path, path)
    assert [found.path for found in only(Executable, take(tmp_path, PROGRAMS))] == ["/lib/c"]


def test_who_owns_programs_is_told_by_databases_that_are_not_asked_for(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "var/lib/dpkg/info/a.list": b"/usr/bin/a\n"})
    program(tmp_path, "usr/bin/a")
    records = take(tmp_path, frozenset(("executables",)))
    assert [record.KIND for record in records] == ["walk"]


def test_a_walk_is_told_at_its_end(tmp_path: Path) -> None:
    plant(tmp_path, {"a/b": b"", "var/lib/docker/x": b""})
    walk = take(tmp_path, PYTHON)[-1]
    assert isinstance(walk, Walk)
    assert (walk.entries, walk.directories, walk.bytes_read, walk.excluded) == (4, 4, 0, ("/var/lib/docker",))


def test_without_languages_and_programs_nothing_is_walked(tmp_path: Path) -> None:
    plant(tmp_path, {STATUS: stanza("a"), "somewhere/x": b""})
    seen: list[str] = []
    records = take(tmp_path, frozenset(("dpkg", "licenses")), seen.append)
    assert only(Walk, records) == []
    assert [path for path in seen if "somewhere" in path] == []


def test_an_image_without_a_package_database_still_has_its_packages_of_languages(tmp_path: Path) -> None:
    plant(tmp_path, distribution(b"a", b"1.0"))
    records = take(tmp_path, None)
    assert [gap.subject for gap in only(Gap, records)] == ["package databases"]
    assert [found.name for found in only(LanguagePackage, records)] == ["a"]


def test_a_file_that_is_no_package_is_a_gap_that_hides_what_it_may_be(tmp_path: Path) -> None:
    plant(tmp_path, {"lib/a-1.0.dist-info/METADATA": b"nonsense", **distribution(b"b", b"1")})
    records = take(tmp_path, PYTHON)
    assert [(gap.reason, gap.hides) for gap in only(Gap, records)] == [("malformed", "/lib/a-")]
    assert [found.name for found in only(LanguagePackage, records)] == ["b"]


def test_every_record_can_be_written_whatever_its_names_are(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff\n\x1b/a-1.dist-info"
    os.makedirs(folder)
    with open(folder + b"/METADATA", "wb") as file:
        file.write(METADATA % (b"a", b"1"))
    with open(folder + b"/program", "wb") as file:
        file.write(b"#!")
        os.fchmod(file.fileno(), 0o755)
    records = take(tmp_path, PROGRAMS)
    assert len({encode(record).key_json for record in records}) == len(records) == 3


def test_keys_are_unique_and_the_same_at_every_walk(tmp_path: Path) -> None:
    for version in ("1.0", "1.1", "1.2"):
        plant(tmp_path, {f"m/{version}/a-{version}.dist-info/METADATA": METADATA % (b"a", version.encode())})
    first, second = (only(LanguagePackage, take(tmp_path, PYTHON)) for _ in range(2))
    assert first == second
    assert len({found.key for found in first}) == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg --root asks for root")
def test_a_real_root_has_one_record_of_a_distributions_package_and_no_program_but_copies(
    debian: Path, tmp_path: Path
) -> None:
    assert dpkg(debian, "-i", "--force-depends", archive_from_debian("python3-idna")).returncode == 0
    for place in ("opt/ls", "tmp/ls"):
        shutil.copy(debian / "usr/bin/ls", debian / place)
    records = take(debian, None)
    found = {package.name: package.owner for package in only(LanguagePackage, records)}
    assert found == {"idna": "dpkg/python3-idna:all"}
    digest = subprocess.run(["sha256sum", debian / "usr/bin/ls"], capture_output=True, text=True).stdout[:64]
    programs = {program.path: program.sha256 for program in only(Executable, records)}
    assert programs == {"/opt/ls": digest, "/tmp/ls": digest}
    assert only(Gap, records) == []
    assert len(only(Package, records)) > 80
