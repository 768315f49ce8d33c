"""Real installations of flatpak: applications and runtimes that are built here, installed by the real flatpak."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM = "var/lib/flatpak"
USER = "home/alice/.local/share/flatpak"
PASSWD = b"root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
RUNTIME = "org.example.Platform/x86_64/1.0"
APPLICATION = "[Application]\nname={name}\nruntime=" + RUNTIME + "\ncommand=tea\n"
PLATFORM = "[Runtime]\nname={name}\nruntime=" + RUNTIME + "\nsdk=org.example.Sdk/x86_64/1.0\n"
APPDATA = """\
<component type="desktop-application"><id>{name}</id><name>Tea</name><summary>tea</summary>
<project_license>MIT</project_license><releases><release version="{version}" timestamp="1704067200"/></releases></component>
"""

needs_flatpak = pytest.mark.skipif(not shutil.which("flatpak"), reason="flatpak is not installed")


class Flatpaks:
    """A repository to build for, and a root to install into."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self._folder = folder
        (self.root / "etc").mkdir(parents=True)
        (self.root / "etc/passwd").write_bytes(PASSWD)

    def build_application(self, name: str, version: str | None, branch: str = "stable") -> None:
        """Build an application that says its version in its description, or has none."""
        files = {"metadata": APPLICATION.format(name=name), "files/bin/tea": "#!/bin/sh\n"}
        if version:
            appdata = APPDATA.format(name=name, version=version)
            files[f"files/share/app-info/xmls/{name}.xml"] = f'<components version="0.8">{appdata}</components>'
        tree = self._plant(f"{name}-{branch}-{version}", files)
        (tree / "export").mkdir()
        (tree / "files/bin/tea").chmod(0o755)
        for description in (tree / "files").glob("share/app-info/xmls/*.xml"):
            subprocess.run(["gzip", description], check=True)
        self._run("build-export", self._folder / "repo", tree, branch)
        self._run("build-update-repo", self._folder / "repo")

    def build_runtime(self, name: str, branch: str) -> None:
        """Build a runtime."""
        tree = self._plant(f"{name}-{branch}", {"metadata": PLATFORM.format(name=name), "usr/bin/pot": "#!/bin/sh\n"})
        (tree / "files").mkdir()
        self._run("build-export", "--runtime", self._folder / "repo", tree, branch)
        self._run("build-update-repo", self._folder / "repo")

    def install(self, where: str, remote: str, *references: str) -> None:
        """Install from the repository; where is --system or --user."""
        self._run(where, "remote-add", "--if-not-exists", "--no-gpg-verify", remote, f"file://{self._folder}/repo")
        self._run(where, "install", "-y", "--noninteractive", "--no-deps", remote, *references)

    def run(self, where: str, command: str, *arguments: str) -> str:
        """Run flatpak on the system's installation or on the user's, and give what it says."""
        return self._run(where, command, *arguments)

    def _plant(self, folder: str, files: dict[str, str]) -> Path:
        tree = self._folder / folder
        for path, content in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(content)
        return tree

    def _run(self, *arguments: str | Path) -> str:
        environment = {
            **os.environ,
            "HOME": str(self._folder),
            "XDG_DATA_HOME": str(self._folder / "data"),
            "XDG_CACHE_HOME": str(self._folder / "cache"),
            "FLATPAK_SYSTEM_DIR": str(self.root / SYSTEM),
            "FLATPAK_USER_DIR": str(self.root / USER),
            "LC_ALL": "C.UTF-8",
        }
        command = ["flatpak", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout
