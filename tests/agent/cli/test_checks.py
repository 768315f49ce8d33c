"""stocktake checks list and show, and scans of compliance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from tests.hosts.trees import STATUS, plant, stanza

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    release = {"etc/os-release": b"ID=debian\nVERSION_ID=12\n", STATUS: stanza("a")}
    return plant(tmp_path / "root", release)


def test_the_list_names_id_section_title_level_and_profiles(stocktake) -> None:
    lines = [
        json.loads(line)
        for line in stocktake("checks", "list", "--benchmark", "debian12", "--format", "ndjson").stdout.splitlines()
    ]
    (home,) = [line for line in lines if line["id"] == "mount_home"]
    assert (home["section"], home["level"], home["title"]) == ("1.1.2.3.1", 2, "/home is a mount of its own")
    assert home["profiles"] == ["server 2", "workstation 2"]
    assert len(lines) > 250


def test_the_list_is_a_table_for_people(stocktake) -> None:
    lines = stocktake("checks", "list", "--benchmark", "rhel9").stdout.splitlines()
    assert lines[0].split() == ["SECTION", "LEVEL", "PROFILES", "CHECK", "TITLE"]
    assert any("selinux_enforcing" in line for line in lines)


def test_the_list_without_a_benchmark_is_that_of_the_host(stocktake, root) -> None:
    done = stocktake("checks", "list", "--format", "ndjson", "--set", f"root={root}")
    assert {json.loads(line)["benchmark"] for line in done.stdout.splitlines()} == {"debian12"}


def test_the_list_can_be_that_of_a_control(stocktake) -> None:
    lines = stocktake("checks", "list", "--benchmark", "debian12", "--control", "AC-11", "--format", "ndjson").stdout
    assert 0 < len(lines.splitlines()) < 20
    assert all("AC-11" in json.loads(line)["nist_800_53"] for line in lines.splitlines())


def test_2_for_a_benchmark_that_there_is_not(stocktake) -> None:
    done = stocktake("checks", "list", "--benchmark", "debian9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected one of debian12, ubuntu2404" in done.stderr


def test_a_check_is_explained(stocktake) -> None:
    out = stocktake("checks", "show", "ssh_max_auth_tries").stdout
    for part in (
        "ssh_max_auth_tries\n",
        "\nWhy: ",
        "\nWhat to do: ",
        "\nParameters that tailoring can change:\n",
        "debian12 5.1.16: server level 1",
    ):
        assert part in out


def test_2_for_a_check_that_there_is_not(stocktake) -> None:
    done = stocktake("checks", "show", "nonsense")
    assert (done.returncode, done.stdout) == (2, "")


def scan(stocktake, root: Path, *words: object):
    return stocktake("scan", "compliance", "--root", root, *words)


def test_4_when_something_fails_and_a_failure_is_asked_for(stocktake, root) -> None:
    assert scan(stocktake, root, "--fail-on", "fail").returncode == 4
    assert scan(stocktake, root, "--fail-on", "error").returncode == 0


def test_results_can_be_those_of_a_verdict_and_a_control(stocktake, root) -> None:
    done = scan(stocktake, root, "--only", "fail", "--control", "SC-5", "--format", "ndjson")
    found = [record for record in map(json.loads, done.stdout.splitlines()) if record["kind"] == "check_result"]
    assert [record["check"] for record in found] == ["sysctl_tcp_syncookies"]


def test_the_closing_line_counts_the_verdicts(stocktake, root) -> None:
    closing = json.loads(scan(stocktake, root, "--format", "ndjson").stdout.splitlines()[-1])
    assert closing["verdicts"]["fail"] > 20
    assert sum(closing["verdicts"].values()) == closing["count"] - 1  # and a score


def test_level_and_profile_are_words(stocktake, root) -> None:
    words = ("--level", "2", "--profile", "workstation", "--benchmark", "ubuntu2404")
    lines = scan(stocktake, root, *words, "--format", "ndjson").stdout.splitlines()
    scores = [record for record in map(json.loads, lines) if record["kind"] == "benchmark_score"]
    assert [(score["benchmark"], score["profile"], score["level"]) for score in scores] == [
        ("ubuntu2404", "workstation", 1),
        ("ubuntu2404", "workstation", 2),
    ]


def test_a_tailoring_is_a_word_and_a_wrong_one_is_refused(stocktake, root, tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("waive:\n  banner_issue_silent: {reason: a, owner: b, expires: 2999-01-01}\n")
    path.chmod(0o644)
    lines = scan(stocktake, root, "--tailoring", path, "--only", "waived", "--format", "ndjson").stdout.splitlines()
    assert json.loads(lines[0])["waiver"] == "until 2999-01-01: a (b)"
    path.write_text("waive: 1\n")
    done = scan(stocktake, root, "--tailoring", path)
    assert (done.returncode, done.stderr) == (2, f"stocktake: {path}:1: waive: expected names with values\n")


def test_2_for_a_scan_by_a_benchmark_that_there_is_not(stocktake, root) -> None:
    done = scan(stocktake, root, "--benchmark", "debian9")
    assert (done.returncode, done.stdout) == (2, "")
    assert "compliance.benchmark: expected one of auto, debian12" in done.stderr


def test_junit_has_a_test_case_for_each_check(stocktake, root) -> None:
    suite = ElementTree.fromstring(scan(stocktake, root, "--format", "junit").stdout)
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases))
    assert int(suite.get("failures") or 0) == len(suite.findall("testcase/failure")) > 20
    assert cases[0].get("classname") == "debian12.1.1.1.1"
    assert (cases[0].get("name") or "").startswith("kernel_module_cramfs_blocked: ")


def test_2_for_junit_of_another_section(stocktake, root) -> None:
    assert stocktake("scan", "packages", "--root", root, "--format", "junit").returncode == 2
