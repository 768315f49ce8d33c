"""The section compliance: how far the host is configured as a benchmark asks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.collectors.compliance.scores import Scores
from agent.model.records import Gap
from agent.model.spec import ROOT, Spec, Want
from agent.model.tailoring import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.engine.assessment import Result
    from agent.checks.engine.published import Benchmark
    from agent.checks.engine.release import Release
    from agent.host import Host
    from agent.model.records import CheckResult, Record
    from agent.model.spec import Compliance, Options

SPEC = Spec(
    summary="Verdicts of configuration checks with their evidence, and scores for each level and profile",
    every=6 * 3600,
    needs=frozenset((ROOT,)),
    reads=lambda: ("/**",),
    memory=64,
    seconds=300,
    wants=(
        Want("cap_dac_read_search", "checks of files that only root can read"),
        Want(
            "cap_sys_ptrace",
            "whether parameters of the network are those of the host, and processes without their profiles",
        ),
    ),
    traces=True,
)


def collect(host: Host, options: Options) -> Iterator[Record]:
    """Give a result for every section of the benchmark, then the scores; a gap where there is no benchmark."""
    from agent.checks.engine.assessment import Asked, results, unjudged  # noqa: PLC0415 - a scan of it alone needs them
    from agent.checks.engine.catalogue import checks  # noqa: PLC0415
    from agent.checks.engine.release import release  # noqa: PLC0415
    from agent.checks.engine.system import System  # noqa: PLC0415

    told = options.compliance
    tailoring = read(told.tailoring)
    system = System(host, tailoring.choices)
    try:
        found = system.get(release)
    except OSError as error:
        yield _none(f"os-release: {error.strerror}")
        return
    benchmark = _chosen(told, found)
    if benchmark is None:
        yield _none(f"there is no benchmark {told.benchmark}" if told.benchmark != "auto" else _unknown(found))
        return
    asked = Asked(benchmark, told.profile, int(told.level), _today(), tailoring)
    scores = Scores(asked, found, system.runs)
    for result in results(system, asked, checks()):
        scores.count(result)
        yield _record(benchmark, result)
    yield from scores.records(lambda level: unjudged(asked._replace(level=level)))


def _chosen(told: Compliance, found: Release) -> Benchmark | None:
    from agent.checks.engine.published import BENCHMARKS, suited  # noqa: PLC0415

    return suited(found) if told.benchmark == "auto" else BENCHMARKS.get(told.benchmark)


def _none(why: str) -> Gap:
    return Gap("benchmark", "unsupported", why, "")


def _unknown(found: Release) -> str:
    return f"no benchmark is known for {found.name or found.id or 'a root without os-release'}"


def _today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


def _record(benchmark: Benchmark, result: Result) -> CheckResult:
    from agent.model.records import CheckResult  # noqa: PLC0415

    outcome, row = result.outcome, result.recommendation
    return CheckResult(
        benchmark=benchmark.name,
        section=result.section,
        check=result.check.id,
        title=result.title,
        level=result.level,
        verdict=outcome.verdict,
        expected=outcome.expected,
        found=outcome.found or None,
        where=outcome.where,
        unobserved=outcome.unobserved,
        waiver=result.waiver,
        nist_800_53=row.nist_800_53 if row else (),
        pci_dss_4=row.pci_dss_4 if row else (),
        soc_2=row.soc_2 if row else (),
    )
