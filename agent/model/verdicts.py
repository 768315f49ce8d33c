"""What can be found of a file by comparing it with what its package shipped, and of a configuration by judging it."""

from __future__ import annotations

VERDICTS = {
    "contradicts": "contradicts its package",
    "configured": "is a configuration file that was edited",
    "unowned": "belongs to no package",
    "packaged": "is as its package shipped it",
    "pending": "waits for a package manager to end",
}
"""Verdict of a file (agent.model.records.File) to what is said of one that has it, the most urgent first."""

RESULTS = {
    "fail": "failed",
    "error": "could not be judged",
    "manual": "is for a person to judge",
    "waived": "failed, and somebody answers for it",
    "skipped": "was skipped",
    "not applicable": "does not apply",
    "pass": "passed",
}
"""Verdict of a check (agent.model.records.CheckResult) to what is said of one that has it, the most urgent first."""

COMPARED = ("contradicts", "configured", "packaged")
"""Verdicts of files for which a package has a digest."""
