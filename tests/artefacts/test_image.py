"""The image: the same bytes every time, for both architectures, with nothing in it but Python and the agent."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.artefacts.built import ROOT, build, needed

MACHINES = {"amd64": 62, "arm64": 183}
"""Architectures and their numbers in ELF headers (elf.h)."""
MOST = 24 * 1024 * 1024


class Image:
    """An image of an archive, for one architecture."""

    def __init__(self, archive: Path, architecture: str) -> None:
        self._blobs = {}
        with tarfile.open(archive) as members:
            for member in members:
                if member.isfile():
                    self._blobs[member.name] = members.extractfile(member).read()
        (top,) = json.loads(self._blobs["index.json"])["manifests"]
        self.index = json.loads(self.blob(top))
        (described,) = [one for one in self.index["manifests"] if one["platform"]["architecture"] == architecture]
        self.manifest = json.loads(self.blob(described))
        self.config = json.loads(self.blob(self.manifest["config"]))
        layers = [gzip.decompress(self.blob(layer)) for layer in self.manifest["layers"]]
        self.digests = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
        self._members = [member for layer in layers for member in unpacked(layer)]

    def blob(self, descriptor) -> bytes:
        """Give a part, whose digest and size must be those of its descriptor."""
        content = self._blobs[f"blobs/sha256/{descriptor['digest'].removeprefix('sha256:')}"]
        assert hashlib.sha256(content).hexdigest() == descriptor["digest"][7:]
        assert len(content) == descriptor["size"]
        return content

    def members(self):
        """Give what lies in it, with the content of files."""
        return self._members


def unpacked(layer: bytes):
    """Give what lies in a layer."""
    with tarfile.open(fileobj=io.BytesIO(layer)) as members:
        return [(member, members.extractfile(member).read() if member.isfile() else b"") for member in members]


@pytest.fixture(scope="module", params=MACHINES)
def image(request, image_archive) -> Image:
    """The image of each architecture."""
    return Image(image_archive, request.param)


def test_the_same_source_gives_the_same_bytes(image_archive, tmp_path):
    again = build("image", tmp_path)[-1]
    for beside in ("", ".cdx.json", ".provenance.json"):
        assert Path(f"{again}{beside}").read_bytes() == Path(f"{image_archive}{beside}").read_bytes(), beside


def test_every_part_is_what_its_digest_says_and_there_is_one_image_for_each_architecture(image):
    assert [one["platform"]["architecture"] for one in image.index["manifests"]] == list(MACHINES)
    assert image.config["rootfs"]["diff_ids"] == image.digests


def test_it_runs_the_agent_as_uid_0_without_a_shell(image):
    assert image.config["config"]["User"] == "0:0"
    assert image.config["config"]["Entrypoint"] == ["/usr/bin/stocktake"]
    names = {member.name for member, _ in image.members()}
    assert "usr/bin/stocktake" in names
    assert not names & {"usr/bin/sh", "usr/bin/bash", "usr/bin/dash", "usr/bin/perl", "usr/bin/apt", "usr/bin/dpkg"}
    assert {name for name in names if re.fullmatch(r"usr/s?bin/.+", name)} == {
        "usr/bin/python3",
        "usr/bin/python3.13",
        "usr/bin/stocktake",
    }


def test_everything_is_roots_and_nothing_is_writable_by_others_or_of_another_time(image):
    times = set()
    for member, _ in image.members():
        assert (member.uid, member.gid) == (0, 0), member.name
        is_shared = member.isdir() and member.mode == 0o1777
        assert is_shared or member.issym() or not member.mode & 0o6022, f"{member.name} {member.mode:o}"
        times.add(member.mtime)
    assert len(times) == 1


def test_its_programs_are_those_of_its_architecture(image):
    wrong, seen = [], 0
    for member, content in image.members():
        if content.startswith(b"\x7fELF"):
            seen += 1
            if struct.unpack_from("<H", content, 18)[0] != MACHINES[image.config["architecture"]]:
                wrong.append(member.name)
    assert wrong == []
    assert seen > 10


def test_every_module_is_compiled_for_a_container_whose_root_is_read_only(image):
    files = {member.name: content for member, content in image.members()}
    modules = [name for name in files if name.startswith("usr/lib/stocktake/agent/") and name.endswith(".py")]
    assert len(modules) > 300
    for name in modules:
        folder, _, module = name.rpartition("/")
        compiled = files[f"{folder}/__pycache__/{module.removesuffix('.py')}.cpython-313.pyc"]
        assert struct.unpack_from("<I", compiled, 4)[0] == 1, "checked by a hash that nobody computes"


def test_its_packages_are_told_to_whoever_inventories_a_container_of_it(image):
    told = {Path(member.name).name for member, _ in image.members() if "/status.d/" in member.name}
    assert {"libc6", "libssl3t64", "python3.13-minimal", "python3.13-minimal.md5sums"} <= told


def test_it_trusts_the_authorities_that_debian_trusts(image):
    files = {member.name: content for member, content in image.members()}
    assert files["etc/ssl/certs/ca-certificates.crt"].count(b"BEGIN CERTIFICATE") > 100


def test_it_is_small(image):
    assert sum(layer["size"] for layer in image.manifest["layers"]) <= MOST


def test_its_bill_names_the_wheels_and_the_packages_of_debian(image_archive):
    text = Path(f"{image_archive}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    purls = {component["purl"].partition("@")[0] for component in json.loads(text)["components"]}
    assert {"pkg:deb/debian/libc6", "pkg:pypi/requests"} <= purls


def test_hadolint_finds_nothing_in_the_dockerfile():
    program = Path(sys.executable).with_name("hadolint")
    command = [str(program) if program.exists() else needed("hadolint"), ROOT / "packaging" / "image" / "Dockerfile"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_folder_of_the_dockerfile_has_the_program_for_each_architecture(image_archive):
    (context,) = image_archive.parent.glob("*.context")
    assert sorted(path.name for path in (context / "program").iterdir()) == sorted(MACHINES)
    assert (context / "Dockerfile").read_text() == (ROOT / "packaging" / "image" / "Dockerfile").read_text()
