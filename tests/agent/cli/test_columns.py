"""agent/cli/columns.py: every kind of record can be shown."""

from __future__ import annotations

from dataclasses import fields

import pytest

from agent.cli.columns import COLUMNS, TITLES
from agent.model.records import HOMES, class_of


@pytest.mark.parametrize("kind", HOMES)
def test_every_kind_of_record_has_a_title_and_columns_that_are_its_fields(kind: str) -> None:
    assert TITLES[kind]
    assert set(COLUMNS[kind]) <= {field.name for field in fields(class_of(kind))}


def test_no_other_kind_has_a_title() -> None:
    assert set(TITLES) == set(COLUMNS) == set(HOMES)
