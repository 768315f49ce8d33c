"""A kind of record is what a frozen dataclass is, for all that anybody asks of one."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle

import pytest

from agent.model.record import record
from agent.model.records import Gap


@record(frozen=True)
class Fact:
    """A fact."""

    name: str
    count: int = 0
    places: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Twin:
    """The same, as dataclasses makes it."""

    name: str
    count: int = 0
    places: tuple[str, ...] = ()


def test_it_takes_its_fields_as_the_dataclass_does():
    ours, theirs = (inspect.signature(kind).parameters.values() for kind in (Fact, Twin))
    assert [(one.name, one.default, one.kind) for one in ours] == [(one.name, one.default, one.kind) for one in theirs]
    assert dataclasses.asdict(Fact("x", places=("a",))) == dataclasses.asdict(Twin("x", places=("a",)))


@pytest.mark.parametrize("words", [{}, {"name": "x", "kind": "y"}])
def test_a_missing_and_an_unknown_field_are_refused(words):
    with pytest.raises(TypeError):
        Fact(**words)


def test_it_is_equal_to_its_like_alone():
    assert Fact("x", 1) == Fact("x", 1)
    assert hash(Fact("x", 1)) == hash(Fact("x", 1))
    assert Fact("x", 1) != Fact("x", 2)
    assert Fact("x") != Twin("x")
    assert len({Fact("x"), Fact("x"), Fact("y")}) == 2


def test_it_cannot_be_changed():
    fact = Fact("x")
    with pytest.raises(dataclasses.FrozenInstanceError):
        fact.name = "y"
    with pytest.raises(dataclasses.FrozenInstanceError):
        del fact.name
    assert fact == Fact("x")


def test_it_is_shown_as_it_is_written():
    assert repr(Fact("x", 1)) == "Fact(name='x', count=1, places=())"


def test_it_is_replaced_copied_and_pickled():
    assert dataclasses.replace(Fact("x", 1), name="y") == Fact("y", 1)
    gap = Gap("a", "absent", "b", None)
    assert copy.copy(gap) == copy.deepcopy(gap) == pickle.loads(pickle.dumps(gap)) == gap


def test_a_record_that_may_change_is_none():
    with pytest.raises(ValueError, match="never changes"):
        record(frozen=False)
