"""The facts of the section compliance: verdicts of configuration checks, with their evidence."""

from __future__ import annotations

from typing import ClassVar

from agent.model.record import record


@record(frozen=True)
class CheckResult:
    """The verdict on one recommendation of a benchmark.

    benchmark: Benchmark, as debian12.
    section: Number of the recommendation in it; custom for a check of the user's own.
    check: Id of the check.
    title: What is wanted, in one line.
    level: Level at which the profile asks for it: 1 or 2.
    verdict: pass, fail, not applicable, manual, error, waived (failed, but somebody answers for it), or skipped.
    expected: What was expected.
    found: What was found; never a secret. null where nothing was looked at.
    where: Where it was found: files with lines, or names of what the kernel shows.
    unobserved: What could not be looked at because the system does not run, for example running values; the verdict is about the rest.
    waiver: Reason, owner and expiry of the waiver in one line, also of one that expired, or why it is skipped; null without one.
    nist_800_53: Controls of NIST SP 800-53 revision 5 that it supports.
    pci_dss_4: Requirements of PCI DSS 4.0 that it supports.
    soc_2: SOC 2 common criteria that it supports.
    """

    KIND: ClassVar[str] = "check_result"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    benchmark: str
    section: str
    check: str
    title: str
    level: int
    verdict: str
    expected: str
    found: str | None
    where: tuple[str, ...]
    unobserved: tuple[str, ...]
    waiver: str | None
    nist_800_53: tuple[str, ...]
    pci_dss_4: tuple[str, ...]
    soc_2: tuple[str, ...]

    @property
    def key(self) -> str:
        """<benchmark>/<section>/<check>"""
        return f"{self.benchmark}/{self.section}/{self.check}"


@record(frozen=True)
class BenchmarkScore:
    """How far a benchmark is met, for one profile and level.

    benchmark: Benchmark, as debian12.
    version: Version of it that it was written for.
    profile: server or workstation.
    level: 1 or 2; level 2 holds all of level 1.
    written_for: Distribution and version that it was written for.
    applied_to: Distribution and version that it was applied to.
    matches: Whether these are the same; null where the distribution is not known.
    running: Whether running values were looked at; false for an image or a mounted disk.
    passed: Number of checks that passed.
    failed: Number that failed.
    waived: Number that failed and were waived.
    errors: Number that could not be judged.
    manual: Number that a person has to judge.
    not_applicable: Number that do not apply.
    skipped: Number that tailoring skips.
    unjudged: Number of automated recommendations that this version has no check for.
    score: Part of passed in passed, failed, waived and errors, in whole percent, rounded down; null where there are none.
    """

    KIND: ClassVar[str] = "benchmark_score"
    VOLATILE: ClassVar[tuple[str, ...]] = ()

    benchmark: str
    version: str
    profile: str
    level: int
    written_for: str
    applied_to: str | None
    matches: bool | None
    running: bool
    passed: int
    failed: int
    waived: int
    errors: int
    manual: int
    not_applicable: int
    skipped: int
    unjudged: int
    score: int | None

    @property
    def key(self) -> str:
        """score/<benchmark>/<profile>/<level>"""
        return f"score/{self.benchmark}/{self.profile}/{self.level}"
