"""agent/formats/nftables.py: what files of nft's commands make."""

from __future__ import annotations

import pytest

from agent.formats.nftables import Ruleset

LISTED = """\
#!/usr/sbin/nft -f
flush ruleset # from the start
define lan = { 10.0.0.0/8, 192.168.0.0/16 }
table inet filter {
	set blocked {
		type ipv4_addr; flags interval
		elements = { 1.2.3.4, 5.6.7.0/24 }
	}
	chain input {
		type filter hook input priority filter; policy drop;
		ct state vmap { established : accept, invalid : drop } comment "a { b; # c"
		iif lo accept; ip saddr 127.0.0.0/8 \\
			counter drop
		tcp dport { 22, 80 } accept
	}
	chain more { ip daddr @blocked drop; }
}
table nat { chain post { type nat hook postrouting priority srcnat; masquerade } }
"""


def made(text: str, **files: str) -> Ruleset:
    rules = Ruleset(lambda pattern: [files[pattern]] if pattern in files else [])
    rules.add(text)
    return rules


def test_a_listing_is_read() -> None:
    tables = made(LISTED).tables
    assert list(tables) == [("inet", "filter"), ("ip", "nat")]
    chains = tables["inet", "filter"].chains
    assert chains["input"].base == {"type": "filter", "hook": "input", "priority": "filter", "policy": "drop"}
    assert chains["more"].base == {}
    assert chains["input"].rules == [
        (
            "ct",
            "state",
            "vmap",
            "{",
            "established",
            ":",
            "accept",
            "invalid",
            ":",
            "drop",
            "}",
            "comment",
            "a { b; # c",
        ),
        ("iif", "lo", "accept"),
        ("ip", "saddr", "127.0.0.0/8", "counter", "drop"),
        ("tcp", "dport", "{", "22", "80", "}", "accept"),
    ]


def test_commands_make_the_same() -> None:
    text = (
        "add table inet f\n"
        "add chain inet f in { type filter hook input priority -10 ; policy drop ; }\n"
        "add rule inet f in tcp dport { 22 } accept\n"
        "insert rule inet f in iif lo accept\n"
        "add element inet f blocked { 1.2.3.4 }\n"
    )
    chain = made(text).tables["inet", "f"].chains["in"]
    assert chain.base["policy"] == "drop"
    assert chain.rules == [("tcp", "dport", "{", "22", "}", "accept"), ("iif", "lo", "accept")]


def test_a_flush_takes_all_away_that_was_before() -> None:
    assert list(made("table a { }\nflush ruleset\ntable b { }\n").tables) == [("ip", "b")]


def test_files_are_included_in_place_and_those_that_are_not_there_are_told() -> None:
    rules = made('include "a"\ninclude "b"\n', a="table x { }\n")
    assert list(rules.tables) == [("ip", "x")]
    assert [(each.pattern, each.found) for each in rules.included] == [("a", 1), ("b", 0)]


def test_a_file_that_includes_itself_ends() -> None:
    assert len(made('include "a"\n', a='include "a"\n').included) == 16


@pytest.mark.parametrize(
    "text", ["", "table", "table inet", "chain", "rule a", "{", "}", "table a {", 'include "', "table a { chain b {"]
)
def test_what_is_unfinished_does_not_matter(text: str) -> None:
    made(text)


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        made("a " * 200_001)
