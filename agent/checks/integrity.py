"""Checks of AIDE."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import aide, package
from agent.checks.predicates.combine import all_of

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule


def _installed() -> Rule:
    return all_of(package.installed("aide"), aide.database())


CHECKS = (
    Check(
        id="aide_installed",
        title="AIDE is installed, with a database to compare with",
        why="Nobody sees that programs were replaced.",
        fix="Install aide, run `aide --init` (aideinit in Debian), and put the new database in place.",
        rule=_installed,
    ),
    Check(
        id="aide_scheduled",
        title="AIDE compares regularly",
        why="Programs that were replaced are seen when it is too late.",
        fix="Enable the timer of AIDE, dailyaidecheck.timer in Debian, or have cron run `aide --check`.",
        rule=aide.scheduled,
        parameters={"cron": True},
    ),
    Check(
        id="aide_watches_audit_tools",
        title="AIDE compares the programs of the audit system",
        why="Whoever replaces them hides what is recorded.",
        fix="Write a line for each to aide.conf, with p+i+n+u+g+s+b+acl+xattrs+sha512.",
        rule=partial(aide.watches_tools),
        parameters={"attributes": ("p", "i", "n", "u", "g", "s", "b", "acl", "xattrs")},
    ),
)
