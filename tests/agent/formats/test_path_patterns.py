"""agent/formats/path_patterns.py: which paths are meant, beside a slow and plain reading of the same rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.formats.path_patterns import Patterns, compiled

PARTS = st.sampled_from(["a", "b", "*", "**", "a*", "*b", "a*b", "[a]", "a?"])
NAMES = st.sampled_from(["a", "b", "ab", "a\nb", "[a]", "aab", "a?", ".a"])


def is_meant(patterns: Patterns, path: str) -> bool:
    """Tell whether a path or a directory above it is meant, as a walk finds out."""
    for name in path.split("/")[1:]:
        if patterns.fits and patterns.fits(name):
            return True
        patterns = patterns.below(name)
    return False


@pytest.mark.parametrize(
    ("pattern", "meant", "not_meant"),
    [
        ("/var/log", ["/var/log", "/var/log/a/b"], ["/var", "/var/log2", "/a/var/log"]),
        ("/var/log/*.log", ["/var/log/a.log", "/var/log/.log"], ["/var/log/a/b.log", "/var/log/a.log2", "/var/log"]),
        ("/**/*.pyc", ["/a.pyc", "/a/b/c.pyc"], ["/a/b.py"]),
        ("/a/**/b/c", ["/a/b/c", "/a/x/b/c", "/a/b/b/c"], ["/a/b", "/a/c", "/b/c"]),
        ("/a/**", ["/a/b", "/a/b/c"], ["/a", "/b"]),
        ("/a/**/", ["/a/b"], ["/a"]),
        ("/a/**/**", ["/a/b"], ["/a"]),
        ("/**", ["/a", "/a/b"], []),
        ("/[a]?", ["/[a]?"], ["/a?", "/ab", "/[a]b"]),
        ("/[a]?*", ["/[a]?", "/[a]?x"], ["/ab"]),
        ("/a*b", ["/ab", "/a\nb", "/a*b"], ["/a/b"]),
    ],
)
def test_a_pattern_means_paths_with_all_below(pattern: str, meant: list[str], not_meant: list[str]) -> None:
    patterns = compiled([pattern])
    assert [path for path in (*meant, *not_meant) if is_meant(patterns, path)] == meant


@pytest.mark.parametrize("pattern", ["", "/", "a/b", "**/a", "/a/../b", "/./a"])
def test_what_is_no_pattern_of_absolute_paths_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        compiled([pattern])


def test_where_no_pattern_can_fit_names_cost_nothing() -> None:
    patterns = compiled(["/var/log", "/etc/*/x"])
    usr = patterns.below("usr")
    assert usr.fits is None
    assert usr.below("lib") is usr


def test_a_pattern_of_many_stars_is_tried_in_linear_time() -> None:
    """With backtracking it would not end."""
    patterns = compiled(["/" + "*a" * 30 + "*b"])
    assert not is_meant(patterns, "/" + "a" * 255)
    assert not is_meant(patterns.below("a" * 255), "/x")


@settings(max_examples=200)
@given(
    st.lists(st.lists(PARTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts)), max_size=3),
    st.lists(NAMES, min_size=1, max_size=4).map(lambda names: "/" + "/".join(names)),
)
def test_patterns_mean_what_they_say(patterns: list[str], path: str) -> None:
    assert is_meant(compiled(patterns), path) == any(expression(pattern).match(path) for pattern in patterns)


def expression(pattern: str) -> re.Pattern[str]:
    """Write a pattern as a regular expression for a path or one above it; ** at the end is one name or more."""
    parts = pattern[1:].split("/")
    while parts[-1] == "**" and parts[-2:-1] == ["**"]:
        parts.pop()
    if parts[-1] == "**":
        parts[-1] = "*"
    written = ["(?:/[^/]+)*" if part == "**" else "/" + re.escape(part).replace(r"\*", "[^/]*") for part in parts]
    return re.compile("".join(written) + r"(?:/|\Z)")
