from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.formats.deb_version import Version, compare, split

PARTS = st.from_regex(r"[0-9][A-Za-z0-9.+~]{0,8}", fullmatch=True)
VERSIONS = st.from_regex(r"([0-2]:)?[0-9][0-9a-bZ.+~]{0,5}(-[0-2a-b.+~]{1,4})?", fullmatch=True)
needs_dpkg = pytest.mark.skipif(not shutil.which("dpkg"), reason="dpkg is not installed: no oracle for versions")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0", Version(0, "1.0", None)),
        ("1.0-1", Version(0, "1.0", "1")),
        ("2:1.0-1", Version(2, "1.0", "1")),
        ("0:1.0", Version(0, "1.0", None)),
        ("1.0-rc1-2ubuntu3.4", Version(0, "1.0-rc1", "2ubuntu3.4")),
        ("1:2:3-4", Version(1, "2:3", "4")),
        ("1.0~beta+dfsg-1~deb12u1+b2", Version(0, "1.0~beta+dfsg", "1~deb12u1+b2")),
        ("v1.0-1", Version(0, "v1.0", "1")),
    ],
)
def test_a_version_is_split_at_its_first_colon_and_last_hyphen(text: str, expected: Version) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "1:",
        "a:1",
        ":1",
        "-1:1",
        "2147483648:1",
        "1.0-",
        "-1",
        "1 0",
        "1_0",
        "1.0-1_2",
        "1/2",
        "1\n",
        "\u0661:1",
        "1é",
    ],
)
def test_what_is_no_version_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        split(text)


@given(st.integers(0, 2**31 - 1), st.lists(PARTS, min_size=1, max_size=3), PARTS)
def test_parts_that_are_put_together_come_apart_again(epoch: int, upstream: list[str], revision: str) -> None:
    for between in ("-", ":"):
        parts = Version(epoch, between.join(upstream), revision)
        assert split(f"{epoch}:{parts.upstream}-{revision}") == parts


@given(st.text())
def test_any_text_is_a_version_or_a_value_error(text: str) -> None:
    try:
        version = split(text)
    except ValueError:
        return
    assert text.endswith(version.upstream + (f"-{version.revision}" if version.revision else ""))


@needs_dpkg
@settings(max_examples=60, deadline=None)
@given(st.text("0129a.+~:-_ é", max_size=8).map(lambda text: f"1{text}".strip()))
def test_dpkg_agrees_on_what_is_a_version(text: str) -> None:
    accepted = subprocess.run(["dpkg", "--validate-version", text], capture_output=True).returncode == 0
    assert is_strict(text) == accepted


@settings(max_examples=1, deadline=None)
@given(
    st.lists(
        st.builds(
            "{}:{}-{}".format, st.integers(0, 9), st.from_regex(r"[0-9][a-z0-9.+~:-]{0,6}[0-9]", fullmatch=True), PARTS
        ),
        min_size=20,
    )
)
def test_the_perl_library_of_dpkg_splits_alike(texts: list[str]) -> None:
    program = "use Dpkg::Version; for (@ARGV) { my $v = Dpkg::Version->new($_); print join(' ', $v->epoch, $v->version, $v->revision), qq(\\n) }"
    answer = subprocess.run(["perl", "-e", program, *texts], capture_output=True, text=True)
    if answer.returncode:
        pytest.skip("libdpkg-perl is not installed: no oracle for the parts of a version")
    assert [tuple(line.split()) for line in answer.stdout.splitlines()] == [
        tuple(str(part) for part in split(text)) for text in texts
    ]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.0~rc1", "1.0"),
        ("1.0", "1.0-1"),
        ("1.9", "1.10"),
        ("9:1", "10:0"),
        ("1.0a", "1.0+"),
        ("1.0-1~bpo12+1", "1.0-1"),
        ("2.36-9+deb12u9", "2.36-9+deb12u10"),
        ("1~~", "1~"),
        ("1.0", "1.0.0"),
        ("1-0~", "1"),
    ],
)
def test_one_version_is_older_than_another(older: str, newer: str) -> None:
    assert (compare(older, newer), compare(newer, older), compare(older, older)) == (-1, 1, 0)


@pytest.mark.parametrize(("one", "other"), [("1.0", "1.0-0"), ("0:1", "1"), ("1.01", "1.1"), ("1.", "1.0")])
def test_versions_that_are_written_differently_may_be_the_same(one: str, other: str) -> None:
    assert compare(one, other) == 0


@needs_dpkg
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VERSIONS, VERSIONS)
def test_dpkg_puts_versions_in_the_same_order(one: str, other: str) -> None:
    assert compare(one, other) == order_of_dpkg(one, other)


@needs_dpkg
def test_dpkg_puts_the_versions_of_this_machine_in_the_same_order() -> None:
    command = ["dpkg-query", "-W", "-f", "${Version}\\n"]
    listed = sorted(set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()))
    assert len(listed) > 100
    pairs = list(zip(listed, listed[1:]))[:300]
    assert [compare(*pair) for pair in pairs] == [order_of_dpkg(*pair) for pair in pairs]


def order_of_dpkg(one: str, other: str) -> int:
    return next(
        value
        for word, value in (("lt", -1), ("eq", 0), ("gt", 1))
        if subprocess.run(["dpkg", "--compare-versions", one, word, other]).returncode == 0
    )


def is_strict(text: str) -> bool:
    """Tell whether it is a version that starts with a digit, which dpkg asks for but does not enforce."""
    try:
        return split(text).upstream[0].isdigit()
    except ValueError:
        return False
