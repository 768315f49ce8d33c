"""Releases of kernels, as `uname -r` gives them: which of two is newer, and which are builds of one kind."""

from __future__ import annotations

import re
from typing import Any

from agent.formats import deb_version, rpm_version

_RPM = re.compile(r"\.(?:el|fc|amzn|ocs|oe|an|cm|azl|mga)[0-9]")
"""The mark of a distribution (%dist) in the release of an rpm package, which a kernel's own release contains."""
_BEFORE = re.compile(r"-(?=(?:rc|trunk)\b|rc[0-9])")
_FLAVOUR = re.compile(r"(?:-(?!(?:rc|trunk)\b|rc[0-9])(?:[a-z][a-z0-9_]*|[0-9]+[a-z]+))+$")
_FLAVOUR_RPM = re.compile(r"\+[a-z0-9_-]+$")


def order(release: str) -> Any:
    """Give what a release sorts by among the releases of one host.

    rpm's order for kernels of rpm distributions. Otherwise dpkg's, with -rc before the release itself, which is the
    order of linux-version(1).
    """
    if _RPM.search(release):
        return 1, rpm_version.order(release)
    return 0, deb_version.part_order(_BEFORE.sub("~", release))


def flavour(release: str) -> str:
    """Name the kind of build, which a newer kernel of another kind does not replace: amd64, cloud-amd64, generic, debug.

    Empty where the release names none.
    """
    match = (_FLAVOUR_RPM if _RPM.search(release) else _FLAVOUR).search(release)
    return match.group()[1:] if match else ""
