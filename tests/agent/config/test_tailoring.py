"""agent/config/tailoring.py: what a site writes is checked line by line before anything is judged by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.config import load
from agent.config.tailoring import read_tailoring
from agent.model.tailoring import Custom, Waiver, read, write

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = """\
benchmark: debian12
level: 2
profile: workstation
choices:
  firewall: nftables
skip:
  banner_issue_silent: no consoles
  1.6.1: nobody reads it
waive:
  mount_home:
    reason: one disk
    owner: ops@example.org
    expires: 2030-12-31
parameters:
  sysctl_ptrace_scope: {accepted: [2, 3]}
  gnome_screen_locks: {seconds: 600, lock_enabled: false}
custom:
  - id: site_ntp
    title: Time comes from our servers
    why: Others could set the clock.
    fix: Install chrony.
    rule:
      any_of:
        - package_installed: {packages: [chrony]}
        - unit_on: {name: systemd-timesyncd.service}
"""


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "t.yaml"
    path.write_text(text)
    path.chmod(0o644)
    return [str(problem).removeprefix(f"{folder}/") for problem in read_tailoring(str(path))[1]]


def test_a_whole_file_is_read_and_survives_its_way_to_the_worker(tmp_path: Path) -> None:
    assert problems(tmp_path, WHOLE) == []
    tailored, _ = read_tailoring(str(tmp_path / "t.yaml"))
    known = read(write(tailored.tailoring))
    assert known == tailored.tailoring
    assert tailored.given == {
        "compliance_benchmark": "debian12",
        "compliance_level": "2",
        "compliance_profile": "workstation",
    }
    assert known.skipped == {"banner_issue_silent": "no consoles", "1.6.1": "nobody reads it"}
    assert known.waived == {"mount_home": Waiver("one disk", "ops@example.org", "2030-12-31")}
    assert known.parameters["sysctl_ptrace_scope"] == {"accepted": ("2", "3")}
    assert known.parameters["gnome_screen_locks"] == {"seconds": 600, "lock_enabled": False}
    assert known.choices == {"firewall": "nftables"}
    assert isinstance(known.custom[0], Custom)
    assert known.custom[0].level == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("levle: 2\n", "t.yaml:1: levle: expected one of benchmark, level"),
        ("\nlevel: 3\n", "t.yaml:2: level: expected one of 1, 2"),
        ("benchmark: debian9\n", "t.yaml:1: benchmark: expected one of auto, debian12"),
        ("skip:\n  nonsense: x\n", "t.yaml:2: skip.nonsense: expected the id of a check"),
        ("skip: [mount_home]\n", "t.yaml:1: skip: expected names with values"),
        ("skip:\n  mount_home:\n", "t.yaml:2: skip.mount_home: expected one line of text"),
        ("skip:\n  mount_home: a\n  mount_home: b\n", "t.yaml:3: skip.mount_home: expected once, found again"),
        ("waive:\n  mount_home: {reason: a, owner: b}\n", "t.yaml:2: waive.mount_home.expires: expected one line"),
        (
            "waive:\n  mount_home:\n    reason: a\n    owner: b\n    expires: soon\n",
            "t.yaml:5: waive.mount_home.expires: expected a date",
        ),
        (
            "waive:\n  mount_home: {reason: a, owner: b, expires: 2030-02-31}\n",
            "t.yaml:2: waive.mount_home.expires: expected a date",
        ),
        ("parameters:\n  mount_home: {x: 1}\n", "t.yaml:2: parameters.mount_home: expected a check with parameters"),
        ("parameters:\n  1.6.1: {x: 1}\n", "t.yaml:2: parameters.1.6.1: expected the id of a check"),
        (
            "parameters:\n  gnome_screen_locks: {seconds: soon}\n",
            "t.yaml:2: parameters.gnome_screen_locks.seconds: expected a number",
        ),
        (
            "parameters:\n  gnome_screen_locks: {second: 1}\n",
            "t.yaml:2: parameters.gnome_screen_locks.second: expected one of seconds",
        ),
        ("choices:\n  firewall: pf\n", "t.yaml:2: firewall: expected one of ufw, nftables"),
        ("custom: {}\n", "t.yaml:1: custom: expected a list of checks"),
        ("custom:\n  - id: a\n", "t.yaml:2: custom.title: expected one line of text"),
        (
            "custom:\n  - {id: Site, title: a, why: b, fix: c, rule: {}}\n",
            "t.yaml:2: custom.id: expected small letters",
        ),
        (
            "custom:\n  - id: site_x\n    title: a\n    why: b\n    fix: c\n    rule: {run: {command: id}}\n",
            "t.yaml:6: custom.site_x.rule: expected one of package_installed",
        ),
        (
            "custom:\n  - {id: site_x, title: a, why: b, fix: c, rule: {file_exists: {path: etc}}}\n",
            "t.yaml:2: custom.site_x.rule: file_exists: path: expected an absolute path",
        ),
        (
            "custom:\n  - {id: mount_home, title: a, why: b, fix: c, rule: {file_exists: {path: /x}}}\n",
            "t.yaml:2: custom.mount_home: expected an id that no other check has",
        ),
        ("a: [\n", "t.yaml:2: expected YAML: "),
        ("", "t.yaml: is empty"),
    ],
)
def test_what_is_wrong_is_told_with_file_line_and_name(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1 or expected.startswith(("t.yaml:2: custom.title", "t.yaml:2: waive"))
    assert found[0].startswith(expected)


def test_a_file_that_others_can_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("level: 2\n")
    (tmp_path / "t.yaml").chmod(0o666)
    assert "is writable by others" in str(read_tailoring(str(tmp_path / "t.yaml"))[1][0])


def test_a_rule_that_is_nested_too_deep_is_refused(tmp_path: Path) -> None:
    rule = "{all_of: [" * 10 + "{file_exists: {path: /x}}" + "]}" * 10
    text = f"custom:\n  - {{id: site_x, title: a, why: b, fix: c, rule: {rule}}}\n"
    assert "nested at most" in problems(tmp_path, text)[0]


def test_what_a_setting_says_outweighs_what_the_tailoring_chooses(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("level: 2\nprofile: workstation\n")
    (tmp_path / "t.yaml").chmod(0o644)
    loaded = load(None, {"STOCKTAKE_COMPLIANCE_TAILORING": str(tmp_path / "t.yaml")}, ["compliance.level=1"])
    assert (loaded.settings.compliance_level, loaded.settings.compliance_profile) == ("1", "workstation")
    assert loaded.sources["compliance.profile"] == str(tmp_path / "t.yaml")
