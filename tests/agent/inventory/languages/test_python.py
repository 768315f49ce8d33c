from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding
from agent.model.records import Gap
from tests.agent.inventory.languages.walking import findings, one, take
from tests.hosts.kept import kept, run

PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable
OLD = run(PYTHON, "-c", "import sys; print(sys.version_info < (3, 12))").strip() == "True"
WHEELS = ("six==1.16.0", "flask==3.0.3", "zope.interface==7.2", "setuptools==75.8.0")
PROJECT = (
    "[project]\nname = 'Ed.Itable'\nversion = '1.5'\nlicense = {text = 'MIT'}\n[tool.setuptools]\npy-modules = []\n"
)
SETUP = """\
from setuptools import setup
setup(name="{0}", version="{1}", packages=["{0}"], zip_safe={2}, license="MIT",
      entry_points={{"console_scripts": ["{0}-run = {0}:main"]}})
"""
METADATA = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\nLicense: MIT\n\nThe description\nName: other\n"


def installed(site: Path) -> Path:
    return next(site.glob("lib/python*/site-packages"))


def pip_list(folder: Path) -> set[tuple[str, str]]:
    """Give what pip says is installed in a virtual environment."""
    listed = json.loads(run(folder / "venv/bin/python", "-m", "pip", "list", "--format", "json"))
    return {(canonical(entry["name"]), entry["version"]) for entry in listed}


def canonical(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def versions(told: list[Finding]) -> list[tuple[str, str | None]]:
    return sorted((canonical(finding.name), finding.version) for finding in told)


def make(folder: Path) -> None:
    run(PYTHON, "-m", "venv", folder / "venv")
    (folder / "editable").mkdir()
    (folder / "editable/pyproject.toml").write_text(PROJECT)
    pip = (folder / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, *WHEELS)
    run(*pip, "--no-build-isolation", "--editable", folder / "editable")


def make_old(folder: Path) -> None:
    """Install as was done before wheels: metadata beside the packages, eggs zipped and not, a link to a source tree."""
    run(PYTHON, "-m", "venv", folder / "venv")
    python = folder / "venv/bin/python"
    run(python, "-m", "pip", "install", "--quiet", "pip==23.0.1", "setuptools==68.2.2")
    for name, safe in (("legacy", True), ("zipped", True), ("unzipped", False), ("linked", False)):
        (folder / name / name).mkdir(parents=True)
        (folder / name / name / "__init__.py").write_text("def main(): pass\n")
        (folder / name / "setup.py").write_text(SETUP.format(name, "0.1", safe))
    old = ("--no-use-pep517", "--no-build-isolation", "--no-deps")
    run(python, "-m", "pip", "install", "--quiet", *old, folder / "legacy")
    run(python, "setup.py", "install", cwd=folder / "zipped")
    run(python, "setup.py", "install", cwd=folder / "unzipped")
    run(python, "setup.py", "develop", cwd=folder / "linked")


@pytest.fixture(scope="module")
def modern() -> Path:
    return kept("python", f"{PYTHON} {WHEELS} {PROJECT}", make)


@pytest.fixture(scope="module")
def old() -> Path:
    if not OLD:
        pytest.skip("this Python cannot run the pip that installed without wheels")
    return kept("python-old", f"{PYTHON} {SETUP} 1", make_old)


def test_a_virtual_environment_has_what_pip_lists(modern: Path) -> None:
    told = [finding for finding in findings(take("python", modern / "venv")) if "/_vendor/" not in finding.location]
    assert versions(told) == sorted(pip_list(modern))
    assert {finding.license for finding in told if finding.name in ("six", "Ed.Itable")} == {"MIT"}


def test_what_a_distribution_vendors_is_told_where_it_lies(modern: Path) -> None:
    told = [finding for finding in findings(take("python", modern / "venv")) if "/_vendor/" in finding.location]
    assert "packaging" in {finding.name for finding in told}
    assert all("/site-packages/setuptools/_vendor/" in finding.location for finding in told)


def test_eggs_and_metadata_beside_packages_are_what_pip_lists(old: Path) -> None:
    told = findings(take("python", old / "venv")) + findings(take("python", old / "linked"))
    assert set(versions([finding for finding in told if "/_vendor/" not in finding.location])) == pip_list(old)
    places = {finding.name: finding.location.rpartition("site-packages/")[2] for finding in told}
    assert re.fullmatch(r"legacy-0\.1-py3\.\d+\.egg-info/PKG-INFO", places["legacy"])
    assert re.fullmatch(r"zipped-0\.1-py3\.\d+\.egg!/EGG-INFO/PKG-INFO", places["zipped"])
    assert re.fullmatch(r"unzipped-0\.1-py3\.\d+\.egg/EGG-INFO/PKG-INFO", places["unzipped"])
    assert places["linked"] == "/linked.egg-info/PKG-INFO"


def test_a_distribution_claims_its_folders_its_modules_and_its_commands(modern: Path) -> None:
    told = {finding.name: finding for finding in findings(take("python", modern / "venv"))}
    site = f"/{installed(modern / 'venv').relative_to(modern / 'venv')}"
    assert set(told["Flask"].claims) == {f"{site}/flask/", f"{site}/flask-3.0.3.dist-info/", "/bin/flask"}
    assert set(told["six"].claims) == {f"{site}/six.py", f"{site}/six-1.16.0.dist-info/"}
    assert set(told["zope.interface"].claims) >= {f"{site}/zope/", f"{site}/zope.interface-7.2.dist-info/"}


def test_metadata_without_a_record_claims_what_it_was_installed_with(old: Path) -> None:
    told = {finding.name: finding for finding in findings(take("python", old / "venv"))}
    site = f"/{installed(old / 'venv').relative_to(old / 'venv')}"
    version = re.sub(r".*/python([0-9.]+)/.*", r"py\1", site)
    assert set(told["legacy"].claims) == {
        f"{site}/legacy/",
        "/bin/legacy-run",
    }
    assert told["unzipped"].claims == (f"{site}/unzipped-0.1-{version}.egg/",)


def test_the_metadata_of_a_distribution_of_the_operating_system_is_one_file(tmp_path: Path) -> None:
    told = one("python", tmp_path, "usr/lib/python3/dist-packages/crit-3.17.1-py3.11.egg-info", METADATA)
    assert told == [
        Finding("pypi", None, "app", "1.0", "MIT", "spdx", "/usr/lib/python3/dist-packages/crit-3.17.1-py3.11.egg-info")
    ]


@pytest.mark.parametrize(
    "path",
    ["srv/METADATA", "srv/app-1.0/PKG-INFO", "srv/EGG-INFO/PKG-INFO", "srv/~pp-1.0.dist-info/METADATA", "srv/x.py"],
)
def test_a_file_that_is_no_metadata_of_an_installed_distribution_gives_nothing(tmp_path: Path, path: str) -> None:
    assert one("python", tmp_path, path, METADATA) == []


def test_a_long_head_is_read_on(tmp_path: Path) -> None:
    long = b"Metadata-Version: 2.1\n" + b"Classifier: x\n" * 5000 + b"Name: app\nVersion: 1\n\nName: other\n"
    [finding] = one("python", tmp_path, "app-1.dist-info/METADATA", long)
    assert isinstance(finding, Finding)
    assert (finding.name, finding.version) == ("app", "1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "malformed"),
        (b"Version: 1\n", "malformed"),
        (b"Name: a\x00b\nVersion: 1\n\n", "malformed"),
        (b"Name: a\xff\nVersion: 1\n\n", "malformed"),
        (b"Name: " + b"a" * 5000 + b"\n\n", "malformed"),
        (b"Name: a\nVersion: 1\n" + b"X: y\n" * 300_000, "limit"),
    ],
)
def test_metadata_that_cannot_be_read_is_one_gap(tmp_path: Path, content: bytes, reason: str) -> None:
    [gap] = one("python", tmp_path, "app-1.dist-info/METADATA", content)
    assert isinstance(gap, Gap)
    assert (gap.subject, gap.reason, gap.hides) == ("/app-1.dist-info/METADATA", reason, "/app-1.dist-info/METADATA")


def test_a_record_that_is_too_long_costs_the_claims_alone(tmp_path: Path) -> None:
    (tmp_path / "app-1.dist-info").mkdir()
    (tmp_path / "app-1.dist-info/RECORD").write_bytes(b"app/x,,\n" * 600_000)
    gap, finding = one("python", tmp_path, "app-1.dist-info/METADATA", METADATA)
    assert isinstance(gap, Gap)
    assert (gap.subject, gap.reason, gap.hides) == ("/app-1.dist-info/RECORD", "limit", None)
    assert isinstance(finding, Finding)
    assert finding.claims == ()


def zipapp(path: Path, entries: dict[str, bytes], start: bytes = b"#!/usr/bin/env python3\n") -> Path:
    path.write_bytes(start)
    with zipfile.ZipFile(path, "a") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    path.chmod(0o755)
    return path


def test_a_program_that_is_a_zip_file_tells_what_is_in_it(tmp_path: Path, modern: Path) -> None:
    zipapp(
        tmp_path / "tool",
        {
            "__main__.py": b"",
            "app-1.0.dist-info/METADATA": METADATA,
            "site-packages/deep-2.0.dist-info/METADATA": METADATA.replace(b"app", b"deep"),
            "~gone-1.dist-info/METADATA": METADATA.replace(b"app", b"gone"),
        },
    )
    wheel = zipapp(tmp_path / "app.whl", {"app-1.0.dist-info/METADATA": METADATA}, b"").read_bytes()
    zipapp(tmp_path / "outer.PYZ", {"_bootstrap/app-1.0-py3-none-any.whl": wheel})
    told = findings(take("python", tmp_path))
    assert [(finding.name, finding.location) for finding in told] == [
        ("app", "/outer.PYZ!/_bootstrap/app-1.0-py3-none-any.whl!/app-1.0.dist-info/METADATA"),
        ("app", "/tool!/app-1.0.dist-info/METADATA"),
        ("deep", "/tool!/site-packages/deep-2.0.dist-info/METADATA"),
    ]


def test_a_wheel_that_lies_about_is_not_installed(tmp_path: Path) -> None:
    zipapp(tmp_path / "app-1.0-py3-none-any.whl", {"app-1.0.dist-info/METADATA": METADATA}, b"")
    assert take("python", tmp_path) == []


def test_one_broken_distribution_in_a_zip_file_is_one_gap(tmp_path: Path) -> None:
    zipapp(
        tmp_path / "a.pyz", {"x-1.dist-info/METADATA": b"\n\n", "y.whl": b"no zip", "z.dist-info/METADATA": METADATA}
    )
    x, y, z = take("python", tmp_path)
    assert isinstance(x, Gap)
    assert isinstance(y, Gap)
    assert isinstance(z, Finding)
    assert (x.hides, y.hides) == ("/a.pyz!/x-1.dist-info/METADATA", "/a.pyz!/y.whl")


@pytest.mark.parametrize(
    ("folder", "told"),
    [
        ("opt/app/eggs", 1),
        ("usr/lib/python3.11/site-packages", 1),
        ("usr/lib/python3/dist-packages", 1),
        ("usr/lib/python3.11/test/test_importlib/data", 0),
        ("srv/site-packages/pkg_resources/tests/data", 0),
    ],
)
def test_an_egg_among_the_data_of_tests_is_not_installed(tmp_path: Path, folder: str, told: int) -> None:
    egg = zipapp(tmp_path / "x", {"EGG-INFO/PKG-INFO": METADATA}, b"").read_bytes()
    assert len(one("python", tmp_path, f"{folder}/app-1.0.egg", egg)) == told
    assert len(one("python", tmp_path, f"{folder}/app-2.0.egg/EGG-INFO/PKG-INFO", METADATA)) == told


def test_an_egg_that_is_no_zip_file_is_a_gap(tmp_path: Path) -> None:
    [gap] = one("python", tmp_path, "a.egg", b"PK\x03\x04 and nothing else")
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.hides) == ("malformed", "/a.egg")


FILES = st.sampled_from(
    ["a.dist-info/METADATA", "a.egg-info/PKG-INFO", "a.egg-info", "a.egg/EGG-INFO/PKG-INFO", "a.pyz"]
)
LINES = st.lists(st.sampled_from([b"Name: a", b"Version: 1", b"License: x", b"", b"\r", b" y", b"PK\x05\x06"]))


@settings(max_examples=200, deadline=None)
@given(FILES, st.binary(max_size=200), LINES)
def test_whatever_a_file_holds_it_gives_packages_or_gaps(
    tmp_path_factory: pytest.TempPathFactory, path: str, content: bytes, lines: list[bytes]
) -> None:
    told = one("python", tmp_path_factory.mktemp("fuzz"), path, b"\n".join([*lines, content]))
    assert all(isinstance(told_of, (Finding, Gap)) for told_of in told)
