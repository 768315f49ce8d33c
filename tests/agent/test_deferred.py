"""Modules that are put off do what they do, and are not loaded before."""

import subprocess
import sys

import pytest

STAND_INS = """
import sys
for name in ("inspect", "copy", "gettext", "typing"):
    sys.modules.pop(name, None)
from agent import start
start.stand_in()
"""
OURS = """
from __future__ import annotations
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeVar, Union, cast
if TYPE_CHECKING:
    from nowhere import Nothing
T = TypeVar("T")
Value = Union[str, "tuple[str, ...]"]
class Can(Protocol):
    def work(self) -> Nothing: ...
class Point(NamedTuple):
    "A place."
    x: Nothing
    y: int = 2
    @property
    def sum(self) -> int:
        return self.x + self.y
point = cast("Any", Point(1))
"""
"""A module that uses what modules of ours use of typing when they run."""


def run(code: str) -> list[str]:
    """Give the lines that code prints, and at last whether typing stands in or was loaded."""
    whole = f"{STAND_INS}\n{code}\nprint(type(sys.modules['typing']).__name__)"
    done = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def in_ours(code: str, module: str = OURS) -> list[str]:
    """Run code that has what a module of ours declares."""
    return run(f"space = {{'__name__': 'agent.declared'}}\nexec({module!r}, space)\nexec({code!r}, {{**space}})")


def test_a_module_that_was_put_off_is_there_when_it_is_used():
    lines = run("import inspect; print(inspect.signature(lambda a: a), type(sys.modules['inspect']).__name__)")
    assert lines[0] == "(a) module"


def test_what_stands_in_for_modules_does_what_they_do():
    code = "from gettext import gettext, ngettext; import copy, gettext as all; print(type(all).__name__)"
    code += "; print(copy.copy([1]), gettext('a'), ngettext('a', 'b', 2), all.find('x'))"
    assert run(code)[:2] == ["Deferred", "[1] a b None"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("(point, tuple(point), point.sum)", "(Point(x=1, y=2), (1, 2), 3)"),
        ("(Point._fields, Point._field_defaults)", "(('x', 'y'), {'y': 2})"),
        ("(point._replace(y=3), Point._make([4, 5]))", "(Point(x=1, y=3), Point(x=4, y=5))"),
        ("Point(y=0, x=1)._asdict()", "{'x': 1, 'y': 0}"),
        ("(Point.__name__, Point.__module__, Point.__doc__)", "('Point', 'agent.declared', 'A place.')"),
        ("(point == (1, 2), hash(point) == hash((1, 2)))", "(True, True)"),
        ("Point.__annotations__", "{'x': 'Nothing', 'y': 'int'}"),
    ],
)
def test_a_named_tuple_of_ours_is_one_though_typing_is_not_loaded(expression, value):
    assert in_ours(f"print({expression})") == [value, "Untyped"]


@pytest.mark.parametrize("wrong", ["Point()", "Point(1, 2, 3)", "Point(1, z=1)", "setattr(point, 'x', 1)"])
def test_what_a_named_tuple_refuses_it_refuses(wrong):
    code = f"try:\n    {wrong}\nexcept (TypeError, AttributeError):\n    print('refused')"
    assert in_ours(code) == ["refused", "Untyped"]


def test_who_is_no_module_of_ours_is_given_typing_itself():
    code = "from typing import Protocol, Union, get_args; print(get_args(Union[int, str]), Protocol.__module__)"
    assert run(code) == ["(<class 'int'>, <class 'str'>) typing", "module"]


def test_a_module_of_ours_that_wants_more_of_typing_gets_it():
    more = OURS.replace("Union, cast", "Union, cast, get_args")
    assert in_ours("print(get_args.__module__, point)", more) == ["typing Point(x=1, y=2)", "module"]
