"""The packages: the same bytes every time, clean before the linters, safe and small; what they bring along is told."""

import base64
import gzip
import hashlib
import json
import os
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

MOST = 4 * 1024 * 1024
MACHINES = {"amd64": 62, "arm64": 183, "x86_64": 62, "aarch64": 183}
"""Architectures and their numbers in ELF headers (elf.h)."""


def packages(dist, pattern="stocktake*"):
    return sorted(path for path in dist.glob(pattern) if path.suffix in (".deb", ".rpm"))


def members(package):
    """Give the entries of a package's archive of files."""
    if package.suffix == ".deb":
        content = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, check=True).stdout
    else:
        cpio = subprocess.run(["rpm2archive", "-n", "-"], stdin=package.open(), stdout=subprocess.PIPE, check=True)
        content = cpio.stdout
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.close(reading)
        with open(writing, "wb") as pipe:
            pipe.write(content)
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe, tarfile.open(fileobj=pipe, mode="r|*") as archive:
        found = [(entry, archive.extractfile(entry).read() if entry.isfile() else b"") for entry in archive]
    os.wait()
    return found


@pytest.mark.parametrize("target", ["deb", "rpm", "zipapp"])
def test_the_same_source_gives_the_same_bytes(target, dist, tmp_path):
    again = build(target, tmp_path, "--architecture", "amd64")
    assert again
    for path in again:
        assert path.read_bytes() == (dist / path.name).read_bytes(), path.name
        for beside in (".cdx.json", ".provenance.json"):
            assert Path(f"{path}{beside}").read_bytes() == (dist / f"{path.name}{beside}").read_bytes()


def test_the_last_line_is_the_package_of_the_agent_for_this_machine(printed):
    name = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    assert printed["deb"][-1].name.endswith(f"_{name}.deb")
    assert len(printed["deb"]) == len(printed["rpm"]) == 3


def test_lintian_finds_nothing_but_what_is_explained(dist):
    command = [needed("lintian"), "--allow-root", "--fail-on", "error,warning", *packages(dist, "*.deb")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_rpmlint_finds_nothing_but_what_is_explained(dist):
    config = ROOT / "packaging" / "linux" / "rpmlint.toml"
    done = subprocess.run(
        [needed("rpmlint"), "-c", config, *packages(dist, "*.rpm")], stdout=subprocess.PIPE, text=True
    )
    assert "3 packages and 0 specfiles checked; 0 errors, 0 warnings" in done.stdout
    assert done.returncode == 0


def test_nothing_is_of_anybody_but_root_or_writable_by_others(dist):
    found = packages(dist)
    assert len(found) == 6
    for package in found:
        for entry, _ in members(package):
            assert (entry.uid, entry.gid) == (0, 0), entry.name
            assert entry.issym() or not entry.mode & 0o6022, f"{entry.name} {entry.mode:o}"


def test_packages_are_small(dist):
    assert all(path.stat().st_size <= MOST for path in [*packages(dist), *dist.glob("*.pyz")])


def test_the_one_compiled_part_runs_on_every_python_of_the_packages_processor(dist):
    for package in packages(dist, "stocktake[-_]0*"):
        compiled = {entry.name: content for entry, content in members(package) if content.startswith(b"\x7fELF")}
        [(name, content)] = compiled.items()
        assert name.endswith("psutil/_psutil_linux.abi3.so")
        architecture = next(name for name in MACHINES if name in package.name)
        assert struct.unpack_from("<H", content, 18)[0] == MACHINES[architecture]


def test_the_configuration_is_kept_on_an_upgrade_and_secret(deb, rpm):
    conffiles = subprocess.run(["dpkg-deb", "-I", deb, "conffiles"], stdout=subprocess.PIPE, text=True, check=True)
    assert conffiles.stdout.split() == ["/etc/stocktake/agent.yaml"]
    query = ["rpm", "-qp", "--nosignature", "--qf", "[%{FILENAMES} %{FILEFLAGS:fflags} %{FILEMODES:perms}\n]", rpm]
    lines = subprocess.run([needed("rpm"), *query[1:]], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert "/etc/stocktake/agent.yaml cn -rw-r-----" in lines


def test_a_fresh_configuration_is_right_and_sends_nowhere(tree):
    path = tree / "etc/stocktake/agent.yaml"
    script = f"""
from agent.config import load
loaded = load({str(path)!r}, {{}})
print(dict(loaded.sources), loaded.settings.backend_url)
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "{} None\n", done.stderr


def test_what_is_brought_along_is_told_in_a_bill(dist, tree):
    for path in dist.glob("*.cdx.json"):
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text()) is None
    shipped = {
        tuple(folder.name.removesuffix(".dist-info").replace("_", "-").lower().split("-0", 1)[0].rsplit("-", 1))
        for folder in (tree / "usr/lib/stocktake").glob("*.dist-info")
    }
    bill = json.loads((tree / "usr/share/doc/stocktake/stocktake.cdx.json").read_text())
    assert {component["name"].lower().replace("_", "-") for component in bill["components"]} == {
        name for name, *_ in shipped
    }
    assert all(component["licenses"][0]["expression"] for component in bill["components"])


def test_the_provenance_names_what_was_built(dist):
    for path in [*packages(dist), *dist.glob("*.pyz")]:
        statement = json.loads(Path(f"{path}.provenance.json").read_text())
        [subject] = statement["subject"]
        assert subject == {"name": path.name, "digest": {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}}
        assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
        assert len(statement["predicate"]["buildDefinition"]["resolvedDependencies"]) >= 9


def test_a_part_is_what_its_record_says(tree):
    """So that whoever inventories a host finds out what of it was changed."""
    library = tree / "usr/lib/stocktake"
    for record in library.glob("*.dist-info/RECORD"):
        for line in record.read_text().splitlines():
            name, digest, size = line.rsplit(",", 2)
            content = (library / name).read_bytes()
            if digest:
                expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                assert (digest, size) == (f"sha256={expected}", str(len(content))), name


def test_no_list_of_authorities_ages_with_the_package(tree):
    assert not list((tree / "usr/lib/stocktake").rglob("*.pem"))


def test_the_backend_needs_nothing_of_the_agents_package(dist, tmp_path):
    [package] = dist.glob("stocktake-backend_*.deb")
    subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
    library = tmp_path / "usr/lib/stocktake-backend"
    script = f"import sys; sys.path.insert(0, {str(library)!r}); import backend.cli; print(backend.cli.__file__)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)
    assert done.stdout == f"{library}/backend/cli.py\n", done.stderr


def test_the_manual_page_tells_every_command_and_code(tree):
    page = gzip.decompress((tree / "usr/share/man/man1/stocktake.1.gz").read_bytes()).decode()
    for command in ("SCAN", "RUN", "STATUS", "CONFIG CHECK", "PAYLOAD"):
        assert re.search(rf"^\.SH STOCKTAKE {command}$", page, re.MULTILINE)
    assert "6 another run holds the lock" in page


def test_a_target_that_is_not_built_yet_says_so(tmp_path):
    command = [sys.executable, "-m", "artefacts", "nonsense", "--output", str(tmp_path)]
    done = subprocess.run(command, env={"PYTHONPATH": f"{ROOT / 'packaging'}:{ROOT}"}, capture_output=True, text=True)
    assert done.returncode == 2
