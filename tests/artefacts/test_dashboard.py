"""The dashboard and the documented alerts ask for nothing that the daemon does not tell."""

import json
import re

import pytest

from agent.daemon.metrics import METRICS, STATUSES
from tests.artefacts.built import ROOT

DASHBOARD = json.loads((ROOT / "packaging/grafana/stocktake.json").read_text())
LABELS = {"section", "status", "result", "watches", "version", "python", "instance"}


def alerts():
    table = (ROOT / "docs/operations.md").read_text().partition("Worth an alert:")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(.*?)` \|", table, re.MULTILINE)


EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS += [note["expr"] for note in DASHBOARD["annotations"]["list"]]
EXPRESSIONS += alerts()


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_metrics_labels_and_statuses_that_there_are(expression):
    names = set(re.findall(r"\bstocktake_\w+", expression))
    assert names
    assert names <= METRICS.keys()
    assert set(re.findall(r"(\w+)\s*!?=~?\s*\"", expression)) <= LABELS
    assert set(re.findall(r'status!?="(\w+)"', expression)) <= set(STATUSES)
    assert expression.count("(") == expression.count(")")


def test_a_counter_is_never_shown_as_it_is():
    for expression in EXPRESSIONS:
        for name in re.findall(r"\bstocktake_\w+_total\b", expression):
            assert re.search(rf"(rate|increase)\({name}", expression), expression


def test_every_metric_is_looked_at_somewhere():
    shown = {name for expression in EXPRESSIONS for name in re.findall(r"\bstocktake_\w+", expression)}
    assert METRICS.keys() - shown <= {"stocktake_jobs_total", "stocktake_section_last_attempt_timestamp_seconds"}


def test_panels_have_numbers_of_their_own_and_do_not_lie_over_one_another():
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert all(x < 24 for x, _ in cells)


def test_every_panel_asks_the_data_source_that_is_chosen():
    for panel in DASHBOARD["panels"]:
        assert {source["uid"] for source in (panel["datasource"], *(t["datasource"] for t in panel["targets"]))} == {
            "${datasource}"
        }
