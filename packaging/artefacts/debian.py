"""Packages of Debian, of any architecture, as entries of an image: unpacked and not installed, for none of their scripts is run."""

from __future__ import annotations

import hashlib
import io
import re
import shlex
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING, Any, NamedTuple

from artefacts.entries import FOLDER, Entry
from artefacts.source import made_once

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from artefacts.entries import Tree

_LEFT_OUT = re.compile(
    r"usr/share/(man|locale|lintian|bug|info|doc-base|gcc|binfmts|applications|pixmaps|base-files)(/.*)?"
    r"|usr/share/doc/[^/]+/(?!copyright).*"
    r"|usr/lib/python3\.\d+/(idlelib|turtledemo|lib2to3|pydoc_data|ensurepip|tkinter|test|unittest)(/.*)?"
    r"|usr/lib/[^/]+/gconv(/.*)?|usr/(games|src|sbin)/.*|etc/(update-motd\.d|skel|profile\.d)(/.*)?|(boot|home|media|mnt|opt|srv)(/.*)?"
)
_CERTIFICATES = "usr/share/ca-certificates/mozilla/"
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"


class DebianPackage(NamedTuple):
    """A package that was fetched.

    name, version, architecture: As its control file has them.
    sha256: Digest of the archive.
    """

    name: str
    version: str
    architecture: str
    sha256: str

    @property
    def purl(self) -> str:
        """Package URL."""
        version = self.version.replace(":", "%3A").replace("+", "%2B")
        return f"pkg:deb/debian/{self.name}@{version}?arch={self.architecture}"

    def component(self) -> dict[str, Any]:
        """Give it as a component of a bill of materials."""
        return {"type": "library", "bom-ref": self.purl, "name": self.name, "version": self.version, "purl": self.purl}

    def dependency(self) -> dict[str, Any]:
        """Give it as a dependency of a build."""
        return {"uri": self.purl, "digest": {"sha256": self.sha256}}


def fetch(names: Iterable[str], suite: str, architecture: str) -> list[Path]:
    """Give the archives of packages, verified by apt, fetched once for a list of names.

    mmdebstrap knows where a suite is to be had and whose signature it bears. What is kept is in the cache below debian;
    without it the newest packages are fetched.
    """
    wanted = " ".join(sorted(names))
    key = hashlib.sha256(f"{suite} {wanted}".encode()).hexdigest()[:16]

    def make(folder: Path) -> None:
        folder.mkdir()
        script = f'cd {shlex.quote(str(folder))} && APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get -qq download {wanted}'
        command = ["mmdebstrap", "--quiet", "--variant=custom", "--skip=check/qemu", f"--architectures={architecture}"]
        command += ["--format=null", f"--customize-hook={script}", suite, "/dev/null"]
        try:
            subprocess.run(command, check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            raise SystemExit(f"packaging/build: packages of {suite} for {architecture}: {error}") from None

    return sorted(made_once(f"debian/{key}-{architecture}", make).glob("*.deb"))


def unpack(archives: Iterable[Path]) -> tuple[Tree, list[DebianPackage]]:
    """Give what packages hold, as far as a container has use for it, and what they are.

    var/lib/dpkg/status.d tells of them, as in other images without dpkg, for whoever inventories the container.
    """
    tree: Tree = {}
    packages = []
    for archive in archives:
        package = _package(archive)
        packages.append(package)
        _add_files(archive, tree)
        told = f"var/lib/dpkg/status.d/{package.name}"
        tree[told] = Entry(0o644, _said(archive, "control"))
        tree[f"{told}.md5sums"] = Entry(0o644, _said(archive, "md5sums"))
    _trust(tree)
    return tree, packages


def _package(archive: Path) -> DebianPackage:
    form = "${Package}\n${Version}\n${Architecture}\n"
    command = ["dpkg-deb", "--show", f"--showformat={form}", str(archive)]
    name, version, architecture = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    return DebianPackage(name, version, architecture, hashlib.sha256(archive.read_bytes()).hexdigest())


def _said(archive: Path, name: str) -> bytes:
    return subprocess.run(["dpkg-deb", "--info", archive, name], stdout=subprocess.PIPE, check=True).stdout


def _add_files(archive: Path, tree: Tree) -> None:
    content = subprocess.run(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        for member in members:
            name = member.name.removeprefix("./").rstrip("/")
            if name in ("", ".") or _LEFT_OUT.fullmatch(name):
                continue
            if member.issym():
                tree[name] = Entry(0o777, target=member.linkname)
            elif member.isdir():
                tree.setdefault(name, FOLDER._replace(mode=member.mode & 0o1777))
            elif member.isfile() or member.islnk():
                file = members.extractfile(member)
                tree[name] = Entry(member.mode & 0o755, file.read() if file else b"")


def _trust(tree: Tree) -> None:
    """Gather the authorities in one file, which a script of ca-certificates does where packages are installed."""
    names = sorted(name for name in tree if name.startswith(_CERTIFICATES) and name.endswith(".crt"))
    tree[_BUNDLE] = Entry(0o644, b"".join(tree.pop(name).content or b"" for name in names))
    for folder in ("etc/ssl", "etc/ssl/certs"):
        tree[folder] = FOLDER
