from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding
from agent.model.records import Gap
from tests.agent.inventory.languages.walking import findings, one, take
from tests.hosts.kept import kept, run

needs_npm = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed")
WANTED = {"express": "4.21.2", "glob": "10.4.5", "@babel/code-frame": "7.26.2"}
"""Packages with scopes, with others nested in them, and under other names than their own (string-width-cjs)."""
FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--silent")
PACKAGE = b'{"name": "app", "version": "1.0", "license": "MIT"}'


def install(name: str, *flags: str) -> Path:
    manifest = json.dumps({"name": "app", "version": "1.0", "private": True, "dependencies": WANTED})

    def make(folder: Path) -> None:
        (folder / "package.json").write_text(manifest)
        run("npm", "install", *FLAGS, *flags, cwd=folder)

    return kept(name, f"{manifest} {flags}", make)


def npm_ls(folder: Path) -> set[tuple[str, str]]:
    """Give what npm says is installed: the folder of each package without links, and its name with the version."""
    listed = set()
    for line in run("npm", "ls", "--all", "--parseable", "--long", cwd=folder).splitlines()[1:]:
        path, identity = re.fullmatch(r"([^:]+):(?:[^:]+@npm:)?([^:]+)(?::.*)?", line).groups()
        listed.add((str(Path(path).resolve().relative_to(folder.resolve())), identity))
    return listed


def identities(told: list[Finding]) -> set[tuple[str, str]]:
    return {
        (
            finding.location[1 : -len("/package.json")],
            f"{finding.namespace + '/' if finding.namespace else ''}{finding.name}@{finding.version}",
        )
        for finding in told
    }


@needs_npm
@pytest.mark.parametrize("flags", [(), ("--install-strategy=linked",)], ids=["hoisted", "linked"])
def test_a_project_has_what_npm_lists(flags: tuple[str, ...]) -> None:
    folder = install(f"npm{'-linked' if flags else ''}", *flags)
    told = findings(take("node", folder))
    assert len(told) == len(identities(told)) > 90
    assert identities(told) == npm_ls(folder)


@needs_npm
def test_npm_itself_is_a_package_with_its_own_packages() -> None:
    top = Path(run("npm", "root", "--global").strip())
    told = findings(take("node", top / "npm", Path("/")))
    names = {finding.name: finding.location for finding in told}
    assert names["npm"] == f"{top}/npm/package.json"
    assert names["semver"] == f"{top}/npm/node_modules/semver/package.json"


def test_a_package_claims_its_folder(tmp_path: Path) -> None:
    content = b'{"name": "@acme/app", "version": "1.0", "license": {"type": "ISC", "url": "x"}, "private": true}'
    path = "/srv/node_modules/@acme/app/package.json"
    [told] = one("node", tmp_path, path[1:], content)
    assert told == Finding("npm", "@acme", "app", "1.0", "ISC", "spdx", path, ("/srv/node_modules/@acme/app/",))


@pytest.mark.parametrize(
    "folder",
    [
        "node_modules/app",
        "a/node_modules/@acme/app",
        "a/node_modules/@acme/app/node_modules/app",
        "a/node_modules/.pnpm/app@1.0/node_modules/app",
        "a/node_modules/.pnpm/@acme+app@1.0/node_modules/@acme/app",
        "usr/share/nodejs/app",
        "usr/share/nodejs/@acme/app/node_modules/app",
    ],
)
def test_a_package_lies_in_node_modules(tmp_path: Path, folder: str) -> None:
    assert len(one("node", tmp_path, f"{folder}/package.json", PACKAGE)) == 1


@pytest.mark.parametrize(
    "folder",
    [
        "srv/app",
        "node_modules",
        "node_modules/.cache",
        "node_modules/app/dist/esm",
        "node_modules/@acme",
        "node_modules/@acme/app/test",
        "node_modules/app/test/fixtures/node_modules/example",
        "usr/share/nodejs/app/dist",
        "my_node_modules/app",
    ],
)
def test_a_package_json_elsewhere_is_no_package(tmp_path: Path, folder: str) -> None:
    assert one("node", tmp_path, f"{folder}/package.json", PACKAGE) == []


def test_a_package_json_without_a_name_is_no_package(tmp_path: Path) -> None:
    assert one("node", tmp_path, "node_modules/app/package.json", b'{"type": "module"}') == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b"[" * 500_000,
        b'{"name": 1' + b"0" * 500_000 + b"}",
        b'{"name": {}}',
        b'{"name": "a", "version": []}',
        b'{"name": "a\\nb"}',
        b'{"name": "\\ud800"}',
        b'{"name": "' + b"a" * 1000 + b'"}',
        b'{"name": "a/b"}',
        b'{"name": "@a"}',
        b'{"name": "a\x00"}',
        b'{"a": [' + b"[]," * 300_000 + b"[]]}",
    ],
    ids=range(14),
)
def test_a_package_json_that_cannot_be_read_is_one_gap(tmp_path: Path, content: bytes) -> None:
    path = "/node_modules/app/package.json"
    [told] = one("node", tmp_path, path[1:], content)
    assert isinstance(told, Gap)
    assert (told.subject, told.reason, told.hides) == (path, "malformed", path)
    assert len(told.detail) < 100


def test_a_package_json_that_is_too_long_is_a_gap(tmp_path: Path) -> None:
    [told] = one("node", tmp_path, "node_modules/app/package.json", PACKAGE + b" " * 1024 * 1024)
    assert isinstance(told, Gap)
    assert told.reason == "limit"


@settings(max_examples=200, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text() | st.integers(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "version", "license", "type"]), inner),
    ),
    st.binary(max_size=20),
)
def test_whatever_a_package_json_holds_it_gives_packages_or_gaps(
    tmp_path_factory: pytest.TempPathFactory, document: object, more: bytes
) -> None:
    for content in (json.dumps(document).encode(), json.dumps(document).encode() + more, more):
        told = one("node", tmp_path_factory.mktemp("fuzz"), "node_modules/a/package.json", content)
        assert all(isinstance(told_of, (Finding, Gap)) for told_of in told)
