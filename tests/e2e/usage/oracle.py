"""To which packages files belong, found in another way than the agent does: dpkg and ruby themselves are asked."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_GEM = re.compile(r"/gems/([a-z_-]+)-[0-9][^/]*/")


def packages_of(paths: set[str], upper: Path) -> set[str]:
    """Give the packages of files in a tree whose own files lie below upper and all others on this host, as ecosystem/name."""
    ours = {path for path in paths if (upper / path.lstrip("/")).exists()}
    others = _owners(frozenset(os.path.realpath(path) for path in paths - ours))
    found = set()
    for path, owners in others.items():
        found.update(f"dpkg/{owner}" for owner in owners)
        found.update(each for owner in owners for each in _languages_of(owner, path))
    for path in ours:
        found.update(_python(path, upper), _node(path, upper), _php(path, upper), _ruby(path), _java(path, upper))
    return found | {f"gem/{name}" for path in others for name in _default_gems().get(path, ())}


def _owners(paths: frozenset[str]) -> dict[str, list[str]]:
    """Ask dpkg, by the name that a file has where /lib is /usr/lib and by the other one; what it was compiled from counts."""
    names = {
        name: path for path in paths for each in {path, _source(path)} for name in (each, each.removeprefix("/usr"))
    }
    done = subprocess.run(["dpkg", "-S", *names], capture_output=True, text=True)
    owners: dict[str, list[str]] = {path: [] for path in paths}
    for line in done.stdout.splitlines():
        packages, _, name = line.rpartition(": ")
        if name in names and not packages.startswith("diversion"):
            owners[names[name]] += [package.partition(":")[0] for package in packages.split(", ")]
    return owners


def _source(path: str) -> str:
    return re.sub(r"__pycache__/([^/]+)\.cpython-\d+\.pyc$", r"\1.py", path)


@cache
def _files(package: str) -> tuple[str, ...]:
    return tuple(subprocess.run(["dpkg", "-L", package], capture_output=True, text=True).stdout.splitlines())


def _languages_of(package: str, path: str) -> list[str]:
    """Give the packages of languages that a Debian package ships, where a file of theirs was loaded."""
    found = []
    for file in _files(package):
        if (
            path.endswith((".py", ".so", ".pyc"))
            and file.endswith(("PKG-INFO", "METADATA", ".egg-info"))
            and os.path.isfile(file)
        ):
            top = Path(file).parent / "top_level.txt" if not file.endswith(".egg-info") else None
            names = top.read_text().split() if top and top.exists() else []
            inside = path.partition("/dist-packages/")[2].partition("/")[0].partition(".")[0]
            if not names or inside in names:
                found.append(f"pypi/{_named(Path(file).read_text())}")
        if path.endswith(".rb") and "rubygems-integration" in file and file.endswith(".gemspec"):
            found.append(f"gem/{Path(file).name.rpartition('-')[0]}")
    return found


def _named(metadata: str) -> str:
    return re.search(r"^Name: (.*)$", metadata, re.MULTILINE).group(1)


@cache
def _records(site: Path) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for record in site.glob("*.dist-info/RECORD"):
        name = _named((record.parent / "METADATA").read_text())
        for row in csv.reader(record.read_text().splitlines()):
            listed.setdefault(row[0], []).append(f"pypi/{name}")
    return listed


def _python(path: str, upper: Path) -> list[str]:
    base, mark, inside = path.partition("/site-packages/")
    if path.endswith(".pyz"):
        return ["pypi/packed"]
    return _records(upper / f"{base}{mark}".strip("/")).get(inside, []) if mark else []


def _node(path: str, upper: Path) -> list[str]:
    base, mark, inside = path.rpartition("/node_modules/")
    if not mark:
        return []
    folder = "/".join(inside.split("/")[: 2 if inside.startswith("@") else 1])
    manifest = upper / f"{base}{mark}{folder}/package.json".lstrip("/")
    return [f"npm/{json.loads(manifest.read_text())['name']}"]


def _php(path: str, upper: Path) -> list[str]:
    base, mark, inside = path.partition("/vendor/")
    installed = upper / f"{base}/vendor/composer/installed.json".lstrip("/")
    if not mark or not installed.exists():
        return []
    names = [each["name"] for each in json.loads(installed.read_text())["packages"]]
    return [f"composer/{name}" for name in names if inside.startswith(f"{name}/")]


def _java(path: str, upper: Path) -> list[str]:
    return list(_in_archive((upper / path.lstrip("/")).read_bytes())) if path.endswith(".jar") else []


def _in_archive(content: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.endswith("pom.properties"):
                said = dict(line.split("=", 1) for line in archive.read(name).decode().splitlines() if "=" in line)
                yield f"maven/{said['groupId']}:{said['artifactId']}"
            elif name.endswith(".jar"):
                yield from _in_archive(archive.read(name))


def _ruby(path: str) -> list[str]:
    return [f"gem/{name}" for name in _GEM.findall(path)]


@cache
def _default_gems() -> dict[str, list[str]]:
    """Ask Ruby which of its own library belongs to which default gem."""
    code = """
        Dir.glob(File.join(Gem.default_specifications_dir, "*.gemspec")) { |path|
          spec = Gem::Specification.load(path)
          spec.files.each { |file| puts [spec.name, file].join("\\t") }
        }
        puts ["", RbConfig::CONFIG["rubylibdir"]].join("\\t")
    """
    lines = subprocess.run(["ruby", "-e", code], capture_output=True, text=True, check=True).stdout.splitlines()
    library = lines.pop().strip()
    gems: dict[str, list[str]] = {}
    for line in lines:
        name, file = line.split("\t")
        if file.startswith("lib/"):
            gems.setdefault(f"{library}/{file[4:]}", []).append(name)
    return gems
