"""agent/cli/progress.py: only on a terminal, and wiped away."""

from __future__ import annotations


def test_progress_is_shown_on_a_terminal_and_wiped_away(stocktake, root) -> None:
    out = stocktake.on_terminal(80, "scan", "packages", "host", "--root", root, stream="stderr")
    assert "\rreading packages" in out
    assert "\rreading host" in out
    assert "\rreading packages: 3 records" in out
    assert out.endswith("\r" + " " * len("reading host: 2 records") + "\r")
    assert "\n" not in out


def test_a_run_tells_its_progress_on_a_terminal_and_its_results_in_lines(stocktake, root) -> None:
    variables = {"STOCKTAKE_DELIVERY_SINK": "stdout", "STOCKTAKE_ROOT": str(root)}
    stocktake.variables.update(variables)
    out = stocktake.on_terminal(80, "run", "--once", stream="stderr")
    assert "\rcollecting packages" in out
    assert "\rpackages: complete, 3 records, 0 gaps\r\n" in out
    assert "\rdelivering" in out


def test_without_a_terminal_there_is_no_progress(stocktake, root) -> None:
    assert stocktake("scan", "packages", "--root", root).stderr == ""


def test_on_a_terminal_the_output_itself_has_no_progress_in_it(stocktake, root) -> None:
    assert "reading" not in stocktake.on_terminal(80, "scan", "packages", "--root", root)
