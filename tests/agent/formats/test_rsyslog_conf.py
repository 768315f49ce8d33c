from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.formats.rsyslog_conf import file_of, statements

CONF = b"""\
$ModLoad imuxsock # provides
#$ModLoad imtcp
$IncludeConfig /etc/rsyslog.d/*.conf
module(load="imudp" # listens
  TimeRequery="500")
/* input(type="imtcp") */
auth,authpriv.* /var/log/auth.log
*.*;auth.none\t\t-/var/log/syslog;Format
if $msg contains "# no comment" then { action(type="omfile" File="/var/log/x") stop }
*.* @@logs.example.org
*.* ?Dynamic
"""


def test_both_languages_are_read() -> None:
    found = statements(CONF)
    assert [(each.number, each.kind, each.name or each.parameters.get("load", "")) for each in found] == [
        (1, "directive", "modload"),
        (3, "directive", "includeconfig"),
        (4, "module", "imudp"),
        (7, "selector", ""),
        (8, "selector", ""),
        (9, "action", ""),
        (10, "selector", ""),
        (11, "selector", ""),
    ]
    assert found[0].value == "imuxsock"


def test_files_are_those_of_selectors_and_actions() -> None:
    assert [path for path in map(file_of, statements(CONF)) if path] == [
        "/var/log/auth.log",
        "/var/log/syslog",
        "/var/log/x",
    ]


@given(st.binary())
def test_any_bytes_are_read(content: bytes) -> None:
    assert all(each.number > 0 for each in statements(content))


def test_what_is_never_closed_is_read_fast() -> None:
    assert statements(b" /*" * 20000) == []
    assert len(statements(b"module(\n" * 500)) == 500
