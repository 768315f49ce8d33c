from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.audit_rules import Condition, Control, Rule, parse, plain_path


def rule(text: str) -> Rule:
    """Give the rule of a line."""
    parsed = parse(text)
    assert parsed is not None and isinstance(parsed[0], Rule)
    return parsed[0]


def test_the_same_rule_is_equal_however_it_is_written() -> None:
    one = rule("-a always,exit -F arch=b64 -S chmod,chown -F auid>=1000 -F auid!=unset -F exit=-13 -k x")
    other = rule(
        "-a exit,always -S chown -S chmod -F loginuid!=4294967295 -F auid>=1000 -F exit=-EACCES -F key=y -F arch=x86_64"
    )
    assert one == other


def test_a_watch_is_of_a_file_and_of_all_below_a_directory() -> None:
    watch = rule("-w /var/run/x/ -p wa")
    assert (watch.path, watch.directory, watch.permissions) == ("/run/x", "/run/x", frozenset("wa"))


def test_comparisons_of_ids_have_no_order() -> None:
    assert rule("-a always,exit -C uid!=euid").conditions == {Condition("euid", "!=", "uid")}


def test_what_auditctl_refuses_is_no_rule() -> None:
    for text in (
        "-w etc/x -p wa",
        "-w /x -p z",
        "-a always",
        "-a always,exit -F auid",
        "-a always,exit -S x y",
        "rule",
        "",
        "# -D",
    ):
        assert parse(text) is None, text


def test_other_lines_are_controls() -> None:
    assert parse("-e 2") == (Control("-e", "2"), False)
    assert parse("-D") == (Control("-D", ""), False)
    assert parse("--backlog_wait_time 60000") == (Control("--backlog_wait_time", "60000"), False)


def test_paths_have_one_spelling() -> None:
    assert [plain_path(path) for path in ("/sbin/x", "/bin", "/etc//a/", "/", "/var/run/a")] == [
        "/usr/sbin/x",
        "/usr/bin",
        "/etc/a",
        "/",
        "/run/a",
    ]


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert parse(text) is None or text.split(maxsplit=1)[0].startswith("-")
