from __future__ import annotations

import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding
from agent.model.records import Gap
from tests.agent.inventory.languages.walking import findings, one, take
from tests.hosts.kept import run

if TYPE_CHECKING:
    from pathlib import Path

needs_composer = pytest.mark.skipif(not shutil.which("composer"), reason="composer is not installed")
PACKAGES = [
    {"name": "acme/alpha", "version": "v1.2.3", "license": ["MIT", "GPL-2.0-or-later"], "require": {"acme/beta": "^2"}},
    {"name": "acme/beta", "version": "2.0.1", "license": "proprietary", "bin": ["bin/beta"]},
    {"name": "other/meta", "version": "1.0", "type": "metapackage", "require": {"acme/beta": "*"}},
]
FIRST = b"""[{"name": "Acme/Alpha", "version": "1.2", "license": ["MIT"], "bin": ["bin/../a"]}, {"name": "beta"}]"""
PATH = "srv/vendor/composer/installed.json"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project into which Composer has installed packages of this machine."""
    for package in PACKAGES:
        source = tmp_path / "packages" / package["name"].replace("/", "-")
        (source / "bin").mkdir(parents=True)
        (source / "bin/beta").write_text("#!/usr/bin/env php\n")
        (source / "composer.json").write_text(json.dumps(package))
    repositories = [{"type": "path", "url": "../packages/*", "options": {"symlink": False}}, {"packagist.org": False}]
    wanted = {"name": "acme/app", "repositories": repositories, "require": {"acme/alpha": "*", "other/meta": "*"}}
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "composer.json").write_text(json.dumps(wanted))
    composer(folder, "install")
    return folder


def composer(folder: Path, *arguments: str) -> str:
    environment = {**os.environ, "COMPOSER_ALLOW_SUPERUSER": "1", "COMPOSER_HOME": str(folder.parent / "home")}
    return run("composer", "--no-interaction", *arguments, cwd=folder, environment=environment)


@needs_composer
def test_a_project_has_what_composer_shows(project: Path) -> None:
    told = findings(take("php", project))
    shown = json.loads(composer(project, "show", "--format=json"))["installed"]
    assert sorted((f"{finding.namespace}/{finding.name}", finding.version) for finding in told) == sorted(
        (package["name"], package["version"]) for package in shown
    )
    licenses = json.loads(composer(project, "licenses", "--format=json"))["dependencies"]
    assert {f"{finding.namespace}/{finding.name}": finding.license for finding in told} == {
        name: " OR ".join(entry["license"]) or None for name, entry in licenses.items()
    }


@needs_composer
def test_a_package_claims_its_folder_and_its_commands(project: Path) -> None:
    claims = {finding.name: finding.claims for finding in findings(take("php", project))}
    assert claims == {
        "alpha": ("/vendor/acme/alpha/",),
        "beta": ("/vendor/acme/beta/", "/vendor/bin/beta"),
        "meta": ("/vendor/other/meta/",),
    }
    assert (project / "vendor/bin/beta").is_file()


def test_the_list_of_the_first_composer_is_read(tmp_path: Path) -> None:
    told = one("php", tmp_path, PATH, FIRST)
    claims = ("/srv/vendor/Acme/Alpha/", "/srv/vendor/bin/a")
    assert told == [
        Finding("composer", "Acme", "Alpha", "1.2", "MIT", "spdx", f"/{PATH}", claims),
        Finding("composer", None, "beta", None, None, None, f"/{PATH}", ("/srv/vendor/beta/",)),
    ]


def test_no_package_claims_what_lies_outside_of_the_vendor_folder(tmp_path: Path) -> None:
    entries = [
        {"name": f"a/{at}", "install-path": path} for at, path in enumerate(["../../..", "/etc", "..", ".", "../"])
    ]
    told = findings(one("php", tmp_path, PATH, json.dumps({"packages": entries}).encode()))
    assert [finding.claims for finding in told] == [()] * 5


def test_an_installed_json_elsewhere_is_none_of_composer(tmp_path: Path) -> None:
    assert one("php", tmp_path, "srv/app/installed.json", FIRST) == []


def test_entries_that_are_no_packages_are_one_gap_and_the_others_are_told(tmp_path: Path) -> None:
    told = one(
        "php",
        tmp_path,
        PATH,
        b'[1, {"name": []}, {"name": "a/b\\n"}, {"name": "a/b", "license": 5, "bin": {}}, {"name": "a/c"}]',
    )
    assert [type(told_of) for told_of in told] == [Gap, Finding]
    assert (told[0].reason, told[0].hides) == ("malformed", f"/{PATH}")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"5", b'{"packages": {}}', b"[" * 100_000, b"[" + b"1," * 500_000 + b"1]"]
)
def test_a_file_that_cannot_be_read_is_one_gap(tmp_path: Path, content: bytes) -> None:
    [told] = one("php", tmp_path, PATH, content)
    assert isinstance(told, Gap)
    assert (told.reason, told.hides) == ("malformed", f"/{PATH}")


KEYS = st.sampled_from(["packages", "name", "version", "license", "bin", "install-path"])


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
    ),
    st.binary(max_size=20),
)
def test_whatever_a_file_holds_it_gives_packages_or_gaps(
    tmp_path_factory: pytest.TempPathFactory, document: object, more: bytes
) -> None:
    for content in (json.dumps(document).encode(), json.dumps({"packages": [document]}).encode(), more):
        told = one("php", tmp_path_factory.mktemp("fuzz"), PATH, content)
        assert all(isinstance(told_of, (Finding, Gap)) for told_of in told)
