"""Judging a rule, whatever happens: what cannot be read is the verdict error, never a failure of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.engine.outcome import ERROR, NOT_APPLICABLE, PASS, Outcome
from agent.host.errors import LimitReached, reason

if TYPE_CHECKING:
    from agent.checks.engine.check import Rule
    from agent.checks.engine.system import System


_DEFECTS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError)
"""What a mistake of ours raises: it costs the verdict of one check, and not that of all others."""


def safely(rule: Rule, system: System) -> Outcome:
    """Give the outcome of a rule; error where something could not be read or is malformed."""
    try:
        return rule.judge(system)
    except (OSError, LimitReached, ValueError) as error:
        return Outcome(ERROR, "what is examined can be read", _told(error))
    except _DEFECTS as error:
        return Outcome(ERROR, "what is examined can be judged", f"{type(error).__name__}: a defect of stocktake")


def where_it_applies(condition: Rule | None, rule: Rule, system: System) -> Outcome:
    """Give the outcome of a rule; not applicable unless the condition holds, error where that cannot be told."""
    if condition is not None:
        known = safely(condition, system)
        if known.verdict == ERROR:
            return known
        if known.verdict != PASS:
            return known._replace(verdict=NOT_APPLICABLE, expected=f"applies where {known.expected}")
    return safely(rule, system)


def _told(error: Exception) -> str:
    """Say what went wrong without quoting content."""
    if isinstance(error, (OSError, LimitReached)):
        place = getattr(error, "filename", None) or (error.args[0] if error.args else "a file")
        return f"{place}: {reason(error)}"
    return str(error)
