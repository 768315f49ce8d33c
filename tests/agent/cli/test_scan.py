"""agent/cli/scan.py: what is read, in which form, and where it goes."""

from __future__ import annotations

import json
import os
import socket
import stat

import pytest

from agent.model.codec import decode, dumps
from tests.agent.worker.processes import TEN_RECORDS
from tests.hosts.trees import STATUS, plant, stanza

CLOSING = ["section", "kind", "status", "count", "gaps", "taken_at", "error"]
EVIL = "ev\x1b[31mil\u202e\x07"


def lines_of(done) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_ndjson_is_a_line_for_each_record_and_one_that_closes_each_section(stocktake, root) -> None:
    lines = lines_of(stocktake("scan", "packages", "host", "--root", root, "--format", "ndjson"))
    assert all(list(line)[:3] == ["section", "kind", "key"] for line in lines if line["kind"] != "section")
    closings = [line for line in lines if line["kind"] == "section"]
    assert [list(line) for line in closings] == [CLOSING, CLOSING]
    for line in closings:
        records = [one for one in lines if one["section"] == line["section"] and one is not line]
        assert line["count"] == sum(one["kind"] != "gap" for one in records)
        assert line["gaps"] == sum(one["kind"] == "gap" for one in records)
        assert isinstance(line["taken_at"], int)


def test_sections_come_in_the_order_in_which_they_were_asked_for(stocktake, root) -> None:
    lines = lines_of(stocktake("scan", "packages", "host", "--root", root, "--format", "ndjson"))
    assert [line["section"] for line in lines if line["kind"] == "section"] == ["packages", "host"]
    assert [line["section"] for line in lines] == sorted((line["section"] for line in lines), reverse=True)


def test_without_names_every_section_is_read(stocktake, root) -> None:
    lines = lines_of(stocktake("scan", "--root", root, "--format", "ndjson"))
    assert [line["section"] for line in lines if line["kind"] == "section"] == [
        "compliance",
        "containers",
        "host",
        "packages",
        "ports",
        "usage",
    ]


def test_a_line_holds_every_field_of_its_record(stocktake, root) -> None:
    for line in lines_of(stocktake("scan", "packages", "host", "--root", root, "--format", "ndjson")):
        if line["kind"] != "section":
            record = decode(dumps({name: value for name, value in line.items() if name != "section"}))
            assert record.key == line["key"]


@pytest.mark.parametrize("body", [TEN_RECORDS, "    yield from ()\n", "    1 / 0\n    yield\n"])
def test_json_holds_the_same_as_ndjson_in_one_object(stocktake, root, collectors, body: str) -> None:
    collectors.add("own", body)
    words = ("scan", "packages", "own", "host", "--root", root, "--format")
    lines = lines_of(stocktake(*words, "ndjson"))
    sections = json.loads(stocktake(*words, "json").stdout)["sections"]
    flat = []
    for section in sections:
        records = section.pop("records")
        flat += [*records, section]
    for line in flat + lines:
        line.pop("taken_at", None)
    assert flat == lines


def test_tables_have_a_title_a_heading_and_a_row_for_each_record(stocktake, root) -> None:
    out = stocktake("scan", "packages", "--root", root).stdout.splitlines()
    assert out[:3] == ["PACKAGES: complete, 3 records", "", "Packages"]
    assert [row.split() for row in out[3:6]] == [
        ["NAME", "VERSION", "ARCHITECTURE", "SOURCE", "NAME", "STATUS", "MANAGER"],
        ["a", "1.0-1", "amd64", "a", "installed", "dpkg"],
        ["b", "1.0-1", "amd64", "b", "installed", "dpkg"],
    ]


def test_tables_show_what_is_missing_last(stocktake, root) -> None:
    plant(root, {STATUS: stanza("a") + b"Status: install ok installed\n\n"})
    out = stocktake("scan", "packages", "--root", root).stdout
    assert out.index("\nWhat could not be seen\n") > out.index("\nPackages\n")


def test_names_that_a_terminal_would_act_upon_are_shown_and_not_obeyed(stocktake, root) -> None:
    plant(root, {"etc/os-release": f'ID=debian\nPRETTY_NAME="{EVIL}"\n'.encode()})
    done = stocktake("scan", "host", "--root", root)
    assert "distribution_name" in done.stdout
    assert all(letter.isprintable() or letter == "\n" for letter in done.stdout + done.stderr)


def test_a_sockets_name_that_a_terminal_would_act_upon_is_shown_and_not_obeyed(stocktake) -> None:
    with socket.socket(socket.AF_UNIX) as evil:
        evil.bind(f"\0{EVIL}")
        evil.listen()
        done = stocktake("scan", "ports")
    assert "@ev\\x1b[31mil\\u202e\\x07" in done.stdout
    assert all(letter.isprintable() or letter == "\n" for letter in done.stdout + done.stderr)


def test_machine_formats_escape_what_a_terminal_would_act_upon(stocktake, root, collectors) -> None:
    collectors.add("evil", f"    yield Gap({EVIL!r}, 'denied', {EVIL!r}, None)\n")
    for form in ("json", "ndjson"):
        out = stocktake("scan", "evil", "--root", root, "--format", form).stdout
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "ev\\u001b[31mil" in out


def test_an_error_that_a_terminal_would_act_upon_is_shown_and_not_obeyed(stocktake, tmp_path) -> None:
    (tmp_path / "agent.yaml").write_text('"\\e[31m": 1\n')
    done = stocktake("config", "check", "--config", tmp_path / "agent.yaml")
    assert done.stderr == f"stocktake: {tmp_path}/agent.yaml:1: \\x1b[31m: expected a known setting\n"


@pytest.mark.parametrize("form", ["json", "ndjson", "table"])
def test_bytes_that_are_no_utf_8_are_written_as_escapes(stocktake, root, form: str) -> None:
    plant(root, {STATUS: stanza("a", more="Source: s\n").replace(b"Section: libs", b"Source: l\xff\xfe")})
    done = stocktake("scan", "packages", "--root", root, "--format", form)
    assert ("l\\xff\\xfe" if form == "table" else r"l\\xff\\xfe") in done.stdout


def test_a_locale_that_cannot_write_a_letter_gets_its_escape(stocktake, root, collectors) -> None:
    collectors.add("far", "    yield Address('日本', '10.0.0.1', 24, 'private')\n")
    python, isolated, *rest = stocktake.words("scan", "far", "--root", root)
    words = [python, isolated, "-X", "utf8=0", *rest]
    with stocktake.start(variables={"LC_ALL": "C"}, args=words) as process:
        said, complained = process.communicate(timeout=60)
    assert (process.returncode, complained) == (0, b"")
    assert b"\\u65e5\\u672c" in said


def test_a_fifo_in_place_of_a_database_is_a_gap_and_no_wait(stocktake, root) -> None:
    os.unlink(root / STATUS)
    os.mkfifo(root / STATUS)
    lines = lines_of(stocktake("scan", "packages", "--root", root, "--format", "ndjson"))
    assert [line.get("reason", line.get("status")) for line in lines if line["kind"] in ("gap", "section")] == [
        "not_a_file",
        "partial",
    ]


def test_a_root_without_any_database_is_partial_and_not_empty(stocktake, tmp_path) -> None:
    lines = lines_of(stocktake("scan", "packages", "--root", tmp_path, "--format", "ndjson"))
    assert [line.get("reason", line.get("status")) for line in lines] == ["absent", "partial"]


def test_an_unforeseen_error_is_named_by_its_place_without_its_text(stocktake, root, collectors) -> None:
    collectors.add("broken", TEN_RECORDS + "    raise ValueError('hunter2')\n")
    done = stocktake("scan", "broken", "packages", "--root", root, "--format", "ndjson")
    lines = lines_of(done)
    assert (lines[10]["status"], lines[10]["count"]) == ("failed", 10)
    assert lines[10]["error"].startswith("ValueError at agent/collectors/broken.py:10; ")
    assert lines[-1]["status"] == "complete"
    assert "hunter2" not in done.stdout + done.stderr


def test_the_output_file_is_readable_by_its_owner_only_and_nothing_is_printed(stocktake, root, tmp_path) -> None:
    for _ in range(2):
        done = stocktake("scan", "packages", "--root", root, "--format", "ndjson", "--output", tmp_path / "out")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o600
        assert len((tmp_path / "out").read_text().splitlines()) == 4
        (tmp_path / "out").chmod(0o666)


def test_a_device_as_output_keeps_its_mode(stocktake, root) -> None:
    before = os.stat("/dev/null").st_mode
    assert stocktake("scan", "packages", "--root", root, "--output", "/dev/null").returncode == 0
    assert os.stat("/dev/null").st_mode == before


def test_a_refused_scan_leaves_the_output_file_as_it_was(stocktake, tmp_path) -> None:
    (tmp_path / "out").write_text("before")
    assert stocktake("scan", "nonsense", "--output", tmp_path / "out").returncode == 2
    assert (tmp_path / "out").read_text() == "before"


@pytest.mark.parametrize("form", ["json", "ndjson", "table"])
def test_a_reader_that_has_seen_enough_ends_the_scan_quietly(stocktake, root, form: str) -> None:
    plant(root, {STATUS: b"".join(stanza(f"package-{number}") for number in range(5000))})
    with stocktake.start("scan", "packages", "--root", root, "--format", form) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_an_output_that_is_closed_from_the_start_is_no_error(stocktake, root) -> None:
    command = ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *stocktake.words("scan", "packages", "--root", root)]
    with stocktake.start(args=command) as process:
        assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 0


def test_a_scan_leaves_no_state(stocktake, root) -> None:
    stocktake("scan", "--root", root)
    assert not stocktake.state.exists()


def test_the_running_host_is_scanned_by_default(stocktake) -> None:
    lines = lines_of(stocktake("scan", "host", "--format", "ndjson"))
    assert lines[0]["kernel"] == os.uname().release
    assert lines[0]["hostname"] == os.uname().nodename


def test_root_names_the_host_also_where_the_configuration_names_another(stocktake, root) -> None:
    variables = {"STOCKTAKE_ROOT": "/", "STOCKTAKE_PROC": "/proc"}
    lines = lines_of(stocktake("scan", "host", "--root", root, "--format", "ndjson", variables=variables))
    assert (lines[0]["kernel"], lines[0]["distribution"]) == (None, "debian")
