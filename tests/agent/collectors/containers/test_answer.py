import json
import os
from threading import Timer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.collectors.containers.answer import Answer
from agent.model.records import ContainedPackage, Gap

VALUES = ["dpkg/a:amd64", "dpkg", "a", "1", "amd64", "a", "1", "pkg:deb/a@1", None, None, True]
PACKAGE = ["packages", VALUES]
END = ["end"]


def said(*values, raw=b""):
    """What comes of a reader's words."""
    reading, writing = os.pipe()
    content = b"".join(json.dumps(value).encode() + b"\n" for value in values) + raw
    if os.fork() == 0:
        os.close(reading)
        try:
            while content:
                content = content[os.write(writing, content) :]
        finally:
            os._exit(0)
    os.close(writing)
    answer = Answer("id")
    records = list(answer.records(reading))
    os.wait()
    return answer, records


def test_packages_gaps_and_what_it_is_are_taken():
    answer, (package, gap) = said(
        ["distribution", "debian", "12", ["dpkg"]], PACKAGE, ["gap", "/x", "denied", "no", "/x/"], END
    )
    assert (answer.distribution, answer.distribution_version, answer.managers) == ("debian", "12", ("dpkg",))
    assert (package.key, package.added, package.contents) == ("contents/id/dpkg/a:amd64", True, "id")
    assert gap == Gap("contents/id /x", "denied", "no", "contents/id//x/")
    assert (answer.packages, answer.is_complete) == (1, False)


def test_what_came_to_its_end_without_a_gap_is_complete():
    answer, records = said(PACKAGE, END)
    assert (len(records), answer.is_complete) == (1, True)


def test_a_reader_that_dies_leaves_a_gap_that_hides_all_of_its_container_and_nothing_else():
    answer, (package, gap) = said(PACKAGE)
    assert isinstance(package, ContainedPackage)
    assert (gap.reason, gap.hides) == ("io_error", "contents/id/")
    assert not answer.is_complete


def test_a_reader_that_failed_says_why():
    _, (gap,) = said(["failed", "limit", "too long"])
    assert (gap.reason, gap.detail, gap.hides) == ("limit", "too long", "contents/id/")


@pytest.mark.parametrize(
    "values",
    [
        ["packages", []],
        ["packages", 7],
        ["packages", {"a": 1}],
        ["packages", [*VALUES, "more"]],
        ["packages", [None, *VALUES[1:]]],
        ["packages", [*VALUES[:-1], "yes"]],
        ["packages", [*VALUES[:-1], 1]],
        ["packages", [*VALUES[:3], {"a": 1}, *VALUES[4:]]],
        ["packages", [*VALUES[:3], "x" * 5000, *VALUES[4:]]],
        ["nonsense"],
        [],
        {},
        7,
        ["gap", 1, 2, 3, 4],
        ["gap"],
        ["distribution", 1, 2, 3],
        ["failed"],
    ],
)
def test_words_that_no_reader_says_end_it_with_a_gap(values):
    answer, records = said(values, PACKAGE, END)
    assert [type(record) for record in records] == [Gap]
    assert records[0].hides == "contents/id/"
    assert not answer.is_complete


@pytest.mark.parametrize("raw", [b"x" * 1_200_000, b"\xff\n", b"[" * 100_000 + b"\n", b'"a\n', b"null\n"])
def test_bytes_that_are_no_words_end_it_with_a_gap(raw):
    _, records = said(raw=raw)
    assert [record.hides for record in records] == ["contents/id/"]


def test_too_much_is_cut_off():
    _, records = said(raw=(json.dumps(["packages", *[VALUES] * 60]).encode() + b"\n") * 1000)
    assert sum(isinstance(record, ContainedPackage) for record in records) == 50_000
    assert isinstance(records[-1], Gap)


def test_a_reader_that_is_not_believed_is_waited_for_so_that_the_next_one_has_its_time():
    reading, writing = os.pipe()
    go_on, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        os.write(writing, b"nonsense\n")
        os.read(go_on, 1)
        os._exit(0)
    os.close(writing)
    ended = []
    timer = Timer(0.05, lambda: (ended.append(True), os.write(told, b"x")))
    timer.start()
    assert [record.reason for record in Answer("id").records(reading)] == ["io_error"]
    assert ended
    timer.join()
    os.waitpid(pid, 0)


def test_words_after_the_end_that_nobody_says_are_not_complete():
    answer, records = said(PACKAGE, END, ["nonsense"])
    assert not answer.is_complete
    assert isinstance(records[-1], Gap)


def test_a_thousand_gaps_are_bounded():
    _, records = said(*(["gap", str(number), "denied", "", None] for number in range(3000)), END)
    assert len(records) == 2000


@settings(deadline=None)  # a process for each
@given(st.lists(st.recursive(st.none() | st.booleans() | st.text(max_size=5), st.lists, max_leaves=20), max_size=5))
def test_no_words_raise(values):
    said(*values)
