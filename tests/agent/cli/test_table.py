"""agent/cli/table.py: aligned, no wider than the terminal, and safe whatever a host's names contain."""

from __future__ import annotations

import io

import pytest

from agent.cli.table import Table, moment, shown


def printed(*rows: tuple[object, ...]) -> list[str]:
    table = Table(("NAME", "VALUE"))
    for row in rows:
        table.add(row)
    out = io.StringIO()
    table.print(out)
    return out.getvalue().splitlines()


def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_with_their_text() -> None:
    assert printed(("a", 1), ("a longer name", "x" * 300)) == [
        "NAME           VALUE",
        "a              1",
        "a longer name  " + "x" * 300,
    ]


def test_a_table_without_rows_is_its_heading() -> None:
    assert printed() == ["NAME  VALUE"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ((), "-"),
        (("a", "b\n"), "a, b\\n"),
        (0, "0"),
        (False, "False"),
        ("", ""),
        ("Müller 日本", "Müller 日本"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\rb\tc\nd", "a\\rb\\tc\\nd"),
        ("\x9b31m", "\\x9b31m"),
        ("user\u202etxt.exe", "user\\u202etxt.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("tag\U000e0041", "tag\\U000e0041"),
        ("not utf-8 \udcff", "not utf-8 \\udcff"),
    ],
)
def test_no_terminal_acts_on_a_value(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("width", [40, 80, 200])
def test_on_a_terminal_no_line_is_wider_than_it_and_what_is_cut_is_marked(
    stocktake, root, collectors, width: int
) -> None:
    collectors.add("wide", f"    yield Gap({'s' * 120!r}, 'denied', {'d' * 90!r}, None)\n")
    out = stocktake.on_terminal(width, "scan", "wide", "--root", root).splitlines()
    row = next(line for line in out if line.startswith("sss"))
    assert all(len(line) <= width for line in out if line.startswith(("sss", "SUBJECT")))
    assert len(row) == width
    assert row.split()[1] == "denied"
    assert row.endswith("…") == (width < 100)
    assert "…" in row


def test_on_a_terminal_that_is_wide_enough_nothing_is_cut(stocktake, root) -> None:
    assert "…" not in stocktake.on_terminal(120, "scan", "packages", "--root", root)


def test_a_terminal_that_does_not_tell_its_width_cuts_nothing(stocktake, root, collectors) -> None:
    collectors.add("wide", f"    yield Gap({'s' * 120!r}, 'denied', {'d' * 90!r}, None)\n")
    assert "d" * 90 in stocktake.on_terminal(0, "scan", "wide", "--root", root)


def test_a_terminal_that_is_too_narrow_for_every_column_still_shows_something_of_each(stocktake, root) -> None:
    out = stocktake.on_terminal(10, "scan", "packages", "--root", root)
    assert "installed" in out or "install…" in out


def test_into_a_file_nothing_is_cut(stocktake, root, collectors) -> None:
    collectors.add("wide", f"    yield Gap({'s' * 120!r}, 'denied', {'d' * 90!r}, None)\n")
    assert "d" * 90 in stocktake("scan", "wide", "--root", root).stdout


def test_rows_that_are_omitted_are_counted_below_the_table() -> None:
    table = Table(("NAME",), most=1)
    assert not table.is_full
    table.add(("a",))
    assert table.is_full
    table.omit()
    table.omit()
    out = io.StringIO()
    table.print(out)
    assert out.getvalue().splitlines() == ["NAME", "a", "... and 2 more; --format ndjson gives them all"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "1970-01-01T00:00Z"), (-1, "1969-12-31T23:59Z"), (1700000000, "2023-11-14T22:13Z"), (1 << 62, str(1 << 62))],
)
def test_a_time_is_a_date_in_utc_where_a_calendar_has_it(seconds: int, text: str) -> None:
    assert moment(seconds) == text
