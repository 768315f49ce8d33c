"""Steps of a walk: into a directory that may be entered, and back out, with what stands in the way reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.host.errors import gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.host.border import Border
    from agent.host.descent import Descent
    from agent.model.records import Gap


def enter(descent: Descent, name: str, border: Border, report: Callable[[Gap], None]) -> bool:
    """Go into a directory of the lowest level, unless it may not be touched, is gone, or cannot be entered."""
    path = f"{descent.levels[-1].path}/{name}"
    try:
        if not border.admits(path):
            return False
        descent.enter(name)
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        report(gap(path, error, f"{path}/"))
        return False
    return True


def leave(descent: Descent, report: Callable[[Gap], None]) -> None:
    """Go back to the directory above; where that cannot be found again, what is left of it is not walked."""
    try:
        descent.leave()
    except OSError as error:
        lost = descent.levels[-1]
        lost.todo.clear()
        report(gap(lost.path, error, f"{lost.path}/"))
