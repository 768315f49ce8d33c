"""What a rule says about a system."""

from __future__ import annotations

from typing import NamedTuple

PASS = "pass"  # noqa: S105 - a verdict
FAIL = "fail"
NOT_APPLICABLE = "not applicable"
MANUAL = "manual"
ERROR = "error"
WAIVED = "waived"
SKIPPED = "skipped"
VERDICTS = (FAIL, ERROR, MANUAL, WAIVED, SKIPPED, NOT_APPLICABLE, PASS)
"""All verdicts that a result may have, the most urgent first; rules give no waived and no skipped, tailoring does."""


class Outcome(NamedTuple):
    """A verdict with its evidence.

    verdict: One of the constants above.
    expected: What was expected, for people: "MaxAuthTries at most 4".
    found: What was found: the effective value, never a secret; "not set" or "absent" where there is nothing.
    where: Where it was found: path:line, or a path, or a name that the kernel shows (/proc/sys/...).
    unobserved: Halves that could not be looked at because the system does not run ("running value").
    """

    verdict: str
    expected: str
    found: str
    where: tuple[str, ...] = ()
    unobserved: tuple[str, ...] = ()


def judged(
    holds: bool, expected: str, found: str, where: tuple[str, ...] = (), unobserved: tuple[str, ...] = ()
) -> Outcome:
    """Give the outcome of what holds or does not."""
    return Outcome(PASS if holds else FAIL, expected, found, where, unobserved)
