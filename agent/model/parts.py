"""The parts of the section packages, each of which can be asked for alone."""

from __future__ import annotations

DATABASES = {
    "dpkg": "packages of dpkg (Debian, Ubuntu, distroless)",
    "rpm": "packages of rpm (Red Hat, SUSE, Fedora, Amazon Linux)",
    "apk": "packages of apk (Alpine, Wolfi)",
    "pacman": "packages of pacman (Arch)",
    "snap": "snaps",
    "flatpak": "Flatpak applications and runtimes",
}
"""Package databases."""

LICENSES = "licenses"

DETAILS = {
    LICENSES: "the licence of each package",
    "origins": "who built each package, and the repositories that packages come from",
    "kernel": "the kernels that are installed, and whether a reboot is needed",
}
"""What is told of them beside name and version."""

LANGUAGES = {
    "python": "Python distributions",
    "node": "Node.js packages",
    "java": "Java archives",
    "go": "modules in Go programs",
    "rust": "crates in Rust programs",
    "ruby": "Ruby gems",
    "php": "Composer packages",
    "dotnet": "NuGet packages of .NET applications",
}
"""Packages of languages, found by a walk over the file tree."""

EXECUTABLES = "executables"

PARTS = {**DATABASES, **DETAILS, **LANGUAGES, EXECUTABLES: "programs that no package owns"}
"""Every part with what it is; the walk is left out where no language and no executable is asked for."""
