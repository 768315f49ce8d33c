"""Checks of where packages come from, who verifies them, and whether they are up to date."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import manual, settings_file
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule

_NO = ("0", "false", "no", "off")
_YES = ("1", "true", "yes", "on")
_KEYS = ("/etc/apt/trusted.gpg.d/*", "/etc/apt/keyrings/*", "/usr/share/keyrings/*.gpg", "/etc/pki/rpm-gpg/*")
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d/*", "/etc/yum.repos.d/*.repo")
_WHY = "Packages that somebody else made would be installed, and their programs run as root."


def _gpgcheck() -> Rule:
    main = settings_file.is_set("/etc/dnf/dnf.conf", "main", "gpgcheck", _YES, folded=True)
    return all_of(main, settings_file.never(("/etc/yum.repos.d/*.repo",), "", "gpgcheck", _NO))


def _review(name: str, title: str, why: str, fix: str, where: tuple[str, ...] = ()) -> Check:
    return Check(f"packages_{name}_reviewed", title, why, fix, partial(manual.review, title, where))


CHECKS = (
    Check(
        id="dnf_gpgcheck",
        title="dnf verifies the signatures of packages",
        why=_WHY,
        fix="Set gpgcheck=1 in [main] of /etc/dnf/dnf.conf, and nowhere in /etc/yum.repos.d to 0.",
        rule=_gpgcheck,
    ),
    _review("keys", "Keys that packages may be signed with are known", _WHY, "Remove keys that nobody knows.", _KEYS),
    _review("sources", "Places that packages come from are known", _WHY, "Remove what nobody knows.", _SOURCES),
    _review(
        "metadata_signatures",
        "dnf verifies the signatures of lists of packages, where they are signed",
        "An old list hides updates that close known faults.",
        "Set repo_gpgcheck=1 for each repository that signs its lists.",
        ("/etc/dnf/dnf.conf", "/etc/yum.repos.d/*.repo"),
    ),
    _review(
        "updates",
        "Updates are installed, those of security at once",
        "Faults that are known, and closed by an update, are tried first.",
        "Run `apt upgrade` or `dnf update`, or have them installed by themselves.",
    ),
)
