"""The answer of a process that looks a container's files up, which may be anything."""

import json
import os
import zlib

import pytest

from agent.collectors.usage import inside
from agent.collectors.usage.apart import Apart
from agent.host.errors import Unsettled
from agent.host.root import HostRoot
from agent.inventory.ownership import Belonging, Known
from tests.agent.inventory.belonging.looking import metadata
from tests.hosts.trees import plant


class Reader:
    """Answers with lines instead of a process."""

    def __init__(self, *lines):
        self.lines = lines
        self.words = []

    def __call__(self, trees, words):
        self.words.append(json.loads(zlib.decompress(words)))
        reading, writing = os.pipe()
        os.write(
            writing,
            b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in self.lines),
        )
        os.close(writing)
        return reading


def ask(reader, files=("/a",), packages=()):
    gaps = []
    found = Apart(reader).ownership(HostRoot("/"), dict.fromkeys(files, False), packages, gaps.append)
    return found, [(gap.reason, gap.hides) for gap in gaps]


FILE, PACKAGE, END = ["file", "/a", [["dpkg/a:amd64", None]]], ["package", "dpkg/a:amd64", "a", "1.0", None], ["end"]


def test_what_a_reader_says_is_taken():
    found, gaps = ask(Reader(FILE, PACKAGE, END))
    assert found.files == {"/a": (Belonging("dpkg/a:amd64", None),)}
    assert found.packages == {"dpkg/a:amd64": Known("a", "1.0", None)}
    assert gaps == []


def test_a_gap_is_told():
    assert ask(Reader(["gap", "x", "denied", "no", "dpkg/"], END))[1] == [("denied", "dpkg/")]


@pytest.mark.parametrize(
    "line",
    [
        ["file", "/never/asked", []],
        ["file", "/a", "x"],
        ["file", "/a", [[5, None]]],
        ["file", "/a", [["x" * 5000, None]]],
        ["package", "a", 5, None, None],
        ["package", "a"],
        ["gap", 5, 5, 5, 5],
        [],
        5,
        b"{\n",
        b"[" * 50_000 + b"\n",
        b"\xff\xfe\n",
    ],
)
def test_what_a_reader_never_says_ends_its_answer_and_hides_all(line):
    assert ask(Reader(line, END))[1][-1:] == [("io_error", "")]


def test_a_reader_that_dies_hides_all():
    found, gaps = ask(Reader(FILE))
    assert (list(found.files), gaps) == (["/a"], [("io_error", "")])


def test_a_reader_that_reached_a_limit_hides_all():
    assert ask(Reader(["failed", "limit", "it took more time than one container may"]))[1] == [("limit", "")]


def test_a_database_that_is_being_changed_is_looked_at_later():
    with pytest.raises(Unsettled):
        ask(Reader(["unsettled", "dpkg is at work"]))


def test_where_no_process_can_be_started_that_is_said():
    assert ask(None)[1] == [("unsupported", "")]


def test_a_long_question_is_asked_in_parts_that_have_each_file_once():
    reader = Reader(END)
    files = [f"/{os.urandom(60).hex()}" for _ in range(5000)]
    ask(reader, files, ["dpkg/a:amd64"])
    assert len(reader.words) > 1
    assert sorted(path for asked, _ in reader.words for path in asked) == sorted(files)
    assert [packages for _, packages in reader.words if packages] == [["dpkg/a:amd64"]]


def test_the_question_is_answered_by_the_module_that_runs_apart(tmp_path):
    plant(
        tmp_path, {"site/a-1.0.dist-info/METADATA": metadata("a").encode(), "site/a-1.0.dist-info/RECORD": b"a.py,,\n"}
    )

    def read_apart(trees, words):
        return Reader(*inside.read(trees, words))(trees, words)

    gaps = []
    found = Apart(read_apart).ownership(HostRoot(str(tmp_path)), {"/site/a.py": False}, (), gaps.append)
    assert [known.name for known in found.packages.values()] == ["a"]
    assert gaps == []
