"""The section compliance: which benchmark is applied, what its results say, and how they are scored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.collectors import compliance
from agent.host import open_host
from agent.model.records import BenchmarkScore, CheckResult, Gap
from agent.model.spec import Compliance, Options
from agent.model.tailoring import Custom, Tailoring, Waiver, write
from tests.hosts.judged import planted
from tests.hosts.trees import stanza

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Record
    from tests.hosts.judged import Files

STATUS = "var/lib/dpkg/status"
DEBIAN: Files = {"etc/os-release": b"ID=debian\nVERSION_ID=12\n", STATUS: stanza("prelink")}


def take(root: Path, files: Files = DEBIAN, tailoring: Tailoring | None = None, **told: Any) -> list[Record]:
    options = Options(compliance=Compliance(tailoring=write(tailoring) if tailoring else None, **told))
    return list(compliance.collect(open_host(str(planted(root, files))), options))


def results(records: list[Record]) -> dict[str, CheckResult]:
    return {record.section: record for record in records if isinstance(record, CheckResult)}


def scores(records: list[Record]) -> list[BenchmarkScore]:
    return [record for record in records if isinstance(record, BenchmarkScore)]


def named(release: str) -> Files:
    return {"etc/os-release": release.replace(" ", "\n").encode()}


@pytest.mark.parametrize(
    ("release", "benchmark", "written_for", "matches"),
    [
        ("ID=debian VERSION_ID=12", "debian12", "debian 12", True),
        ("ID=debian VERSION_ID=11", "debian11", "debian 12", False),
        ("ID=debian VERSION_ID=13", "debian13", "debian 12", False),
        ("ID=debian", "debian12", "debian 12", False),
        ("ID=ubuntu VERSION_ID=24.04 ID_LIKE=debian", "ubuntu2404", "ubuntu 24.04", True),
        ("ID=ubuntu VERSION_ID=22.04 ID_LIKE=debian", "ubuntu2204", "ubuntu 24.04", False),
        ("ID=linuxmint VERSION_ID=22 ID_LIKE=ubuntu", "ubuntu2404", "ubuntu 24.04", False),
        ("ID=rhel VERSION_ID=9.4", "rhel9", "rhel 9", True),
        ("ID=almalinux VERSION_ID=9.4", "rhel9", "rhel 9", True),
        ("ID=rocky VERSION_ID=9.3", "rhel9", "rhel 9", True),
        ("ID=ol VERSION_ID=9.3", "rhel9", "rhel 9", True),
        ("ID=centos VERSION_ID=8", "rhel8", "rhel 9", False),
        ("ID=amzn VERSION_ID=2023", "amazon2023", "rhel 9", False),
    ],
)
def test_the_benchmark_suits_the_distribution_and_a_mismatch_is_told(
    tmp_path: Path, release: str, benchmark: str, written_for: str, matches: bool
) -> None:
    (score,) = scores(take(tmp_path, named(release)))
    assert (score.benchmark, score.written_for, score.matches) == (benchmark, written_for, matches)


def test_a_benchmark_that_was_asked_for_is_applied_and_says_that_it_was_written_for_another(tmp_path: Path) -> None:
    (score,) = scores(take(tmp_path, benchmark="rhel9"))
    assert (score.benchmark, score.applied_to, score.matches) == ("rhel9", "debian 12", False)


@pytest.mark.parametrize("files", [{}, named("ID=arch"), named("")])
def test_a_root_that_no_benchmark_is_known_for_is_a_gap(tmp_path: Path, files: Files) -> None:
    (gap,) = take(tmp_path, files)
    assert isinstance(gap, Gap)
    assert (gap.reason, gap.hides) == ("unsupported", "")


def test_every_section_gives_exactly_one_result(tmp_path: Path) -> None:
    found = [record for record in take(tmp_path, level=2) if isinstance(record, CheckResult)]
    assert len({record.section for record in found}) == len(found) == len({record.key for record in found})


def test_a_profile_and_a_level_choose_the_sections(tmp_path: Path) -> None:
    first, second = (results(take(tmp_path, level=level)) for level in (1, 2))
    workstation = results(take(tmp_path, profile="workstation"))
    assert "1.1.2.3.1" in second  # /home, of level 2
    assert "1.1.2.3.1" not in first
    assert first.items() <= second.items()
    assert "3.1.2" in first  # wireless devices, which workstations may have
    assert "3.1.2" not in workstation


def test_a_result_names_what_was_expected_and_found_and_the_controls(tmp_path: Path) -> None:
    result = results(take(tmp_path, {**DEBIAN, "etc/sysctl.d/a.conf": b"net.ipv4.tcp_syncookies=0\n"}))["3.3.10"]
    assert (result.check, result.verdict) == ("sysctl_tcp_syncookies", "fail")
    assert (result.expected, result.found) == ("net.ipv4.tcp_syncookies = 1", "0")
    assert result.where == ("/etc/sysctl.d/a.conf:1",)
    assert result.unobserved == ("running value",)
    assert (result.nist_800_53, result.pci_dss_4) == (("CM-1", "SC-5"), ("1.4.3", "1.4"))
    assert "CC7.2" in result.soc_2


def test_the_score_counts_all_results_and_errors_are_not_passed(tmp_path: Path) -> None:
    records = take(tmp_path, {**DEBIAN, "etc/sysctl.d/a.conf": "a.conf"}, level=2)
    first, second = scores(records)
    assert (first.level, second.level) == (1, 2)
    counts = (second.passed, second.failed, second.waived, second.errors)
    assert second.errors > 5
    assert sum(counts) + second.manual + second.not_applicable + second.skipped == len(results(records))
    assert second.score == 100 * second.passed // sum(counts)
    assert (second.running, second.unjudged) == (False, 0)


WAIVER = Waiver("vendor needs it", "ops", "2999-12-31")


def test_a_failure_that_is_waived_says_who_answers_for_it(tmp_path: Path) -> None:
    records = take(tmp_path, tailoring=Tailoring(waived={"banner_issue_silent": WAIVER}))
    result = results(records)["1.6.2"]
    assert (result.verdict, result.waiver) == ("waived", "until 2999-12-31: vendor needs it (ops)")
    assert scores(records)[0].waived == 1


def test_a_waiver_that_expired_counts_no_more_and_says_so(tmp_path: Path) -> None:
    waived = {"1.6.2": WAIVER._replace(expires="2020-01-31")}
    result = results(take(tmp_path, tailoring=Tailoring(waived=waived)))["1.6.2"]
    assert (result.verdict, result.waiver) == ("fail", "expired on 2020-01-31: vendor needs it (ops)")


def test_a_waiver_of_what_passes_changes_nothing(tmp_path: Path) -> None:
    result = results(take(tmp_path, tailoring=Tailoring(waived={"1.6.1": WAIVER})))["1.6.1"]
    assert (result.verdict, result.waiver) == ("pass", None)


def test_what_is_skipped_is_told_and_not_scored(tmp_path: Path) -> None:
    records = take(tmp_path, tailoring=Tailoring(skipped={"banner_issue_silent": "no consoles"}))
    result = results(records)["1.6.2"]
    assert (result.verdict, result.waiver) == ("skipped", "skipped: no consoles")
    assert scores(records)[0].skipped == 1


def test_a_parameter_that_is_changed_changes_the_verdict_and_the_title(tmp_path: Path) -> None:
    files = {**DEBIAN, "etc/sysctl.d/a.conf": b"net.ipv4.tcp_syncookies=2\n"}
    changed = Tailoring(parameters={"sysctl_tcp_syncookies": {"accepted": ("1", "2")}})
    result = results(take(tmp_path, files, changed))["3.3.10"]
    assert (result.verdict, result.title) == ("pass", "net.ipv4.tcp_syncookies is 1 or 2")


def test_a_choice_settles_which_program_is_asked_about(tmp_path: Path) -> None:
    unsettled = results(take(tmp_path))
    chosen = results(take(tmp_path, tailoring=Tailoring(choices={"firewall": "nftables"})))
    assert unsettled["4.2.1"].verdict == unsettled["4.3.1"].verdict == "fail"
    assert (chosen["4.2.1"].verdict, chosen["4.3.1"].verdict) == ("not applicable", "fail")


def test_a_check_of_the_sites_own_is_judged_beside_the_others(tmp_path: Path) -> None:
    rule = {"all_of": [{"package_installed": {"packages": "prelink"}}, {"none_of": [{"file_exists": {"path": "/x"}}]}]}
    custom = Custom("site_prelink", "prelink is there", "Why.", "Fix.", 1, rule)
    result = results(take(tmp_path, tailoring=Tailoring(custom=(custom,))))["custom"]
    assert (result.check, result.verdict, result.found) == ("site_prelink", "pass", "prelink 1.0-1; absent")
