"""Whether an audit rule records all of what is wanted, and what else it may ask for without missing any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.formats.audit_rules import Condition

if TYPE_CHECKING:
    from agent.formats.audit_rules import Rule


class Wanted(NamedTuple):
    """What is to be recorded: one system call, or access to one path.

    told: For people.
    arch: b64 or b32.
    syscall: Its name; empty for any.
    path: Of what is watched; empty where nothing is.
    permissions: Kinds of access that are to be recorded.
    conditions: What is known of it; a rule may ask for these and for nothing else.
    """

    told: str
    arch: str
    syscall: str = ""
    path: str = ""
    permissions: frozenset[str] = frozenset()
    conditions: frozenset[Condition] = frozenset()


def covers(rule: Rule, wanted: Wanted) -> bool:
    """Tell whether a rule is about all of what is wanted."""
    if rule.arch not in ("", wanted.arch) or (not rule.arch and wanted.syscall and wanted.arch == "b32"):
        return False
    if rule.syscalls and wanted.syscall not in rule.syscalls:
        return False
    if (rule.path or rule.directory) and (not wanted.path or not _holds_path(rule, wanted.path)):
        return False
    if rule.permissions and not wanted.permissions <= rule.permissions:
        return False
    if rule.permissions and not wanted.permissions:
        return False
    return all(_known(condition, wanted.conditions) for condition in rule.conditions)


def _holds_path(rule: Rule, path: str) -> bool:
    return rule.path == path or (
        bool(rule.directory) and (path == rule.directory or path.startswith(f"{rule.directory.rstrip('/')}/"))
    )


def _known(condition: Condition, known: frozenset[Condition]) -> bool:
    """Tell whether what a rule asks for is so for all that is wanted."""
    if condition in known:
        return True
    if condition == Condition("success", "=", "0"):
        return any(each.field == "exit" for each in known)
    if condition.field == "auid":
        least = next((int(each.value) for each in known if each.field == "auid" and each.sign == ">="), None)
        return least is not None and _reaches(condition, least)
    return False


def _reaches(condition: Condition, least: int) -> bool:
    """Tell whether a condition on auid lets through all ids from a least one on."""
    if not condition.value.isdigit():
        return condition.sign == "!=" and condition.value == "unset"
    number = int(condition.value)
    return {">=": number <= least, ">": number < least, "!=": number < least}.get(condition.sign, False)
