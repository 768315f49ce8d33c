"""The words of checks of a site's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.checks.engine import vocabulary
from agent.checks.engine.system import System
from agent.host import open_host
from tests.hosts.judged import planted

if TYPE_CHECKING:
    from pathlib import Path

GIVEN: dict[str, dict[str, Any]] = {
    "package_installed": {"packages": ["a", "b"]},
    "package_absent": {"packages": "a"},
    "kernel_module_blocked": {"module": "udf"},
    "sysctl": {"name": "kernel.x", "accepted": ["1", "2"]},
    "mounted": {"point": "/srv"},
    "mount_option": {"point": "/srv", "option": "nodev"},
    "file_exists": {"path": "/etc/x"},
    "file_absent": {"path": "/etc/x"},
    "file_access": {"path": "/etc/x", "mode": "0640"},
    "setting": {"path": "/etc/x.conf", "section": "", "key": "A", "accepted": "1"},
    "kernel_argument": {"name": "audit", "value": "1"},
    "sshd": {"keyword": "PermitRootLogin", "accepted": "no"},
    "unit_on": {"name": "x.service"},
    "unit_off": {"name": "x.service"},
}


@pytest.mark.parametrize("word", vocabulary.WORDS)
def test_every_word_makes_a_rule_that_can_be_judged(tmp_path: Path, word: str) -> None:
    rule = vocabulary.rule({word: GIVEN[word]})
    verdict = rule.judge(System(open_host(str(planted(tmp_path, {"etc/": (b"", 0o755)}))))).verdict
    assert verdict in ("pass", "fail", "not applicable")


def test_a_value_of_a_file_of_the_sites_own_is_not_shown(tmp_path: Path) -> None:
    rule = vocabulary.rule({"setting": GIVEN["setting"]})
    system = System(open_host(str(planted(tmp_path, {"etc/x.conf": b"A=hunter2\n"}))))
    assert "hunter2" not in str(rule.judge(system))


@pytest.mark.parametrize(
    "written",
    [
        None,
        "unit_on",
        {},
        {"unit_on": {"name": "a"}, "unit_off": {"name": "a"}},
        {"exec": {"command": "id"}},
        {"unit_on": {}},
        {"unit_on": {"name": "a", "more": "b"}},
        {"unit_on": {"name": ["a"]}},
        {"unit_on": {"name": "a\nb"}},
        {"file_exists": {"path": "etc"}},
        {"file_access": {"path": "/etc", "mode": "rw"}},
        {"file_access": {"path": "/etc", "mode": 640}},
        {"all_of": []},
        {"all_of": {"unit_on": {"name": "a"}}},
    ],
)
def test_what_is_no_rule_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="expected"):
        vocabulary.rule(written)
