"""agent/cli/verdicts.py: files are counted by their verdicts, and only those that are asked for are shown."""

from __future__ import annotations

import json
import sys

import pytest

from agent.cli.verdicts import Verdicts
from agent.model.codec import as_line
from agent.model.records import FileChange, Gap
from agent.model.records.integrity import File

FOUND = ("contradicts", "configured", "unowned", "packaged", "packaged", "pending", None)
CHANGE = FileChange(1, "contradicts", 0, 1, 0, (), ("modified /usr/bin/f0",), 0)
GAP = Gap("/usr/bin/f9", "unreadable", "a test's", None)
EVIL = '/tmp/","verdict":"contradicts","compared":"'


def a_file(path: str, verdict: str | None) -> File:
    """Give a regular file with a verdict."""
    values = dict.fromkeys(name for name in File.__annotations__ if name.islower())
    values.update(path=path, type="regular", mode="0755", uid=0, gid=0, size=7, modified_at=1700000000, marks=())
    return File(**{**values, "verdict": verdict, "stamp": "1:2:7:1:1"})


def block(section: str = "integrity") -> bytes:
    """Give lines of a section as the worker writes them: files with every verdict, a change and a gap."""
    files = [a_file(f"/usr/bin/f{number}", verdict) for number, verdict in enumerate(FOUND)]
    return b"".join(as_line(record, section) for record in [CHANGE, *files, a_file(EVIL, None), GAP])


def keys(blocks) -> list[str]:
    return [json.loads(line)["key"] for line in b"".join(blocks).splitlines()]


def test_without_a_choice_every_line_goes_through() -> None:
    verdicts = Verdicts("integrity")
    assert b"".join(verdicts.through([block(), block()])) == block() * 2


@pytest.mark.parametrize(
    ("only", "paths"),
    [
        (("contradicts",), ["/usr/bin/f0"]),
        (("packaged",), ["/usr/bin/f3", "/usr/bin/f4"]),
        (("configured", "pending"), ["/usr/bin/f1", "/usr/bin/f5"]),
    ],
)
def test_of_the_files_those_with_the_verdicts_are_shown_and_of_the_rest_everything(only, paths: list[str]) -> None:
    assert keys(Verdicts("integrity", only).through([block()])) == [CHANGE.key, *paths, GAP.key]


def test_all_files_are_counted_whatever_is_shown() -> None:
    for only in ((), ("unowned",)):
        verdicts = Verdicts("integrity", only)
        assert len(list(verdicts.through([block(), block()]))) == 2
        assert verdicts.counts == {"contradicts": 2, "configured": 2, "unowned": 2, "packaged": 4, "pending": 2}


def test_what_is_left_of_nothing_is_no_block() -> None:
    files = as_line(a_file("/a", "packaged"), "integrity")
    assert list(Verdicts("integrity", ("contradicts",)).through([files])) == []


def test_the_closing_line_tells_what_was_counted_chosen_and_shown() -> None:
    plain, chosen, other = Verdicts("integrity"), Verdicts("integrity", ("packaged",)), Verdicts("packages")
    for verdicts in (plain, chosen, other):
        list(verdicts.through([block()]))
    counts = {"contradicts": 1, "configured": 1, "unowned": 1, "packaged": 2, "pending": 1}
    assert plain.closing() == {"verdicts": counts}
    assert chosen.closing() == {"verdicts": counts, "only": ("packaged",), "shown": 2}
    assert other.closing() == {}


def test_the_lines_of_other_sections_are_left_alone() -> None:
    verdicts = Verdicts("packages", ("unowned",))
    assert list(verdicts.through([block("packages")])) == [block("packages")]
    assert not verdicts.include(("contradicts",))


@pytest.fixture
def scan(stocktake, root, collectors):
    """Give the command with a collector that says what the body yields in place of that of integrity."""

    def run(body: str, *words: object):
        collectors.add("integrity", body)
        start = (
            f"import sys, agent.collectors, runpy; agent.collectors.__path__.insert(0, {str(collectors.folder)!r}); "
            f"sys.path.append({sys.path[0]!r}); runpy.run_module('agent.cli', run_name='__main__')"
        )
        command = [sys.executable, "-I", "-c", start, "scan", "integrity", "--root", str(root), *map(str, words)]
        return stocktake(args=command)

    return run


HERE = """\
    from agent.model.records import Gap
    from agent.model.records.integrity import File
    def a_file(path, verdict):
        fields = dict.fromkeys(name for name in File.__annotations__ if name.islower())
        return File(**{**fields, 'path': path, 'marks': (), 'verdict': verdict, 'stamp': '1:2:7:1:1'})
"""
SOUND = (
    HERE
    + """\
    yield a_file('/usr/bin/good', 'packaged')
    yield a_file('/etc/hosts', 'configured')
"""
)
TROJAN = SOUND + "    yield a_file('/usr/bin/ls', 'contradicts')\n"
UNSEEN = "    yield Gap('/usr/bin/su', 'denied', 'a test', None)\n"


@pytest.mark.parametrize("form", ["table", "json", "ndjson"])
def test_only_what_contradicts_is_shown_in_every_format(scan, form: str) -> None:
    done = scan(TROJAN, "--only", "contradicts", "--format", form)
    assert (done.returncode, done.stderr) == (0, "")
    assert "/usr/bin/ls" in done.stdout
    assert "/usr/bin/good" not in done.stdout
    assert "/etc/hosts" not in done.stdout


def test_the_last_line_of_a_section_tells_the_counts_of_the_whole(scan) -> None:
    closing = json.loads(scan(TROJAN, "--only", "contradicts", "--format", "ndjson").stdout.splitlines()[-1])
    assert (closing["count"], closing["shown"], closing["only"]) == (3, 1, ["contradicts"])
    assert closing["verdicts"] == {"contradicts": 1, "configured": 1, "unowned": 0, "packaged": 1, "pending": 0}


def test_json_without_a_file_to_show_is_sound(scan) -> None:
    done = scan(SOUND, "--only", "contradicts", "--format", "json")
    assert json.loads(done.stdout)["sections"][0]["records"] == []


def test_a_table_says_how_many_files_have_which_verdict(scan) -> None:
    done = scan(TROJAN)
    assert done.stdout.startswith("INTEGRITY: complete, 3 records; 1 contradicts, 1 configured, 1 packaged\n")


def test_a_table_says_of_how_many_files_it_is_that_none_contradicts(scan) -> None:
    assert scan(SOUND, "--only", "contradicts").stdout == (
        "INTEGRITY: complete, 2 records; 0 contradicts, 1 configured, 1 packaged\n"
        "\nNo file contradicts its package; 2 files were compared with their packages.\n\n"
    )
    assert "\nNo file belongs to no package or waits for" in scan(SOUND, "--only", "pending,unowned").stdout


def test_a_section_that_gave_nothing_is_not_said_to_be_sound(scan) -> None:
    assert "No file" not in scan("    1 / 0\n    yield\n", "--only", "contradicts").stdout


def test_a_finding_is_code_4_also_where_the_section_is_partial(scan) -> None:
    assert scan(TROJAN, "--fail-on", "contradicts").returncode == 4
    assert scan(TROJAN + UNSEEN, "--fail-on", "contradicts,unowned").returncode == 4


def test_without_a_finding_the_code_is_that_of_the_section(scan) -> None:
    assert scan(SOUND, "--fail-on", "contradicts,unowned").returncode == 0
    assert scan(SOUND + UNSEEN, "--fail-on", "contradicts").returncode == 3


def test_a_finding_that_is_not_shown_is_a_finding(scan) -> None:
    done = scan(TROJAN, "--only", "configured", "--fail-on", "contradicts")
    assert (done.returncode, "/usr/bin/ls" in done.stdout) == (4, False)


def test_a_finding_before_the_time_was_over_is_a_finding(scan) -> None:
    many = HERE + "    import time\n    while True:\n        yield a_file('/usr/bin/' + 'x' * 4000, 'contradicts')\n"
    assert scan(many, "--fail-on", "contradicts", "--timeout", 2, "--output", "/dev/null").returncode == 4


def test_a_table_of_very_many_files_is_cut_and_says_by_how_much(scan) -> None:
    many = HERE + "    for number in range(10_003):\n        yield a_file(f'/usr/{number:05}', 'packaged')\n"
    lines = scan(many).stdout.splitlines()
    assert lines[0] == "INTEGRITY: complete, 10003 records; 0 contradicts, 10003 packaged"
    assert "/usr/09999" in lines[-3]
    assert lines[-2] == "... and 3 more; --format ndjson gives them all"
