from __future__ import annotations

import pytest

from agent.formats.audit_rules import Condition, Rule, parse
from agent.formats.audit_wanted import Wanted, covers

PEOPLE = frozenset((Condition("auid", ">=", "1000"), Condition("auid", "!=", "unset")))
CHMOD = Wanted("chmod", "b64", "chmod", conditions=PEOPLE)
START = Wanted("su", "b64", path="/usr/bin/su", permissions=frozenset("x"), conditions=PEOPLE)
REFUSED = Wanted("open", "b32", "open", conditions=PEOPLE | {Condition("exit", "=", "-EACCES")})
WRITE = Wanted("passwd", "b32", path="/etc/passwd", permissions=frozenset("wa"))


@pytest.mark.parametrize(
    ("wanted", "line", "is_covered"),
    [
        (CHMOD, "-a always,exit -F arch=b64 -S chmod -F auid>=1000", True),
        (CHMOD, "-a always,exit -S chmod", True),
        (CHMOD, "-a always,exit -F arch=b64 -S all", True),
        (CHMOD, "-a always,exit -F arch=b32 -S chmod", False),
        (CHMOD, "-a always,exit -F arch=b64 -S chown", False),
        (CHMOD, "-a always,exit -F arch=b64 -S chmod -F auid>=1001", False),
        (CHMOD, "-a always,exit -F arch=b64 -S chmod -F auid!=0", True),
        (CHMOD, "-a always,exit -F arch=b64 -S chmod -F auid!=1000", False),
        (CHMOD, "-a always,exit -F arch=b64 -S chmod -F path=/etc/passwd", False),
        (CHMOD, "-w /etc/passwd -p a", False),
        (REFUSED, "-a always,exit -S open", False),
        (REFUSED, "-a always,exit -F arch=b32 -S open -F success=0", True),
        (REFUSED, "-a always,exit -F arch=b32 -S open -F exit=-EPERM", False),
        (START, "-w /usr/bin/ -p x", True),
        (START, "-a always,exit -F path=/bin/su -F perm=x -F auid!=-1", True),
        (START, "-a always,exit -F path=/usr/bin/sudo -F perm=x", False),
        (START, "-a always,exit -F arch=b64 -F perm=x", True),
        (WRITE, "-w /etc/passwd -p rwa", True),
        (WRITE, "-w /etc/passwd -p w", False),
        (WRITE, "-a always,exit -F path=/etc -F perm=wa", False),
        (WRITE, "-a always,exit -F dir=/etc -F perm=wa", True),
        (WRITE, "-w /etc/pass -p wa", False),
    ],
)
def test_a_rule_covers_what_it_records_all_of(wanted: Wanted, line: str, is_covered: bool) -> None:
    parsed = parse(line)
    assert parsed is not None and isinstance(parsed[0], Rule)
    assert covers(parsed[0], wanted) == is_covered
