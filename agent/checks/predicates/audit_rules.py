"""Judgements about what the audit system records: whether some rule records all of what is wanted, however it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from agent.checks.engine.outcome import ERROR, FAIL, MANUAL, PASS, Outcome, judged
from agent.checks.sources import accounts, audit_rules, sudoers, tree
from agent.formats.audit_rules import Condition, plain_path
from agent.formats.audit_wanted import Wanted, covers
from agent.host import Host
from agent.host.architecture import architecture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from agent.checks.engine.check import Rule as Judgement
    from agent.checks.engine.system import System
    from agent.checks.sources.audit_rules import Loaded

_LOADED = ("loaded rules",)
_TOLD = 8
_SMALL = frozenset(("i386", "i486", "i586", "i686", "armv6l", "armv7l"))
_X86 = frozenset(("x86_64", *_SMALL))
_OF_X86 = frozenset(("open", "creat", "chmod", "chown", "lchown", "unlink", "rename", "create_module", "query_module"))
"""System calls that later architectures do without."""
_PEOPLE = "people"


class Recorded(NamedTuple):
    """All that is wanted is recorded.

    wanted: Gives it for a system.
    alternative: Gives what will do instead, nothing where nothing will.
    """

    expected: str
    wanted: Callable[[System], Iterable[Wanted]]
    alternative: Callable[[System], Iterable[Wanted]] = lambda _: ()

    def judge(self, system: System) -> Outcome:
        """Give the outcome with what no rule records."""
        rules = system.get(audit_rules.rules)
        lacking, where = _compared(self.wanted(system), rules.rules)
        if lacking:
            other = list(self.alternative(system))
            if other:
                lacks_other, where_other = _compared(other, rules.rules)
                lacking, where = ([], where_other) if not lacks_other else (lacking, where)
        names = list(dict.fromkeys(lacking))
        more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
        found = f"not recorded: {', '.join(names[:_TOLD])}{more}" if names else "recorded"
        places = tuple(dict.fromkeys(where))[:_TOLD] or tuple(system.get(audit_rules.paths))[:_TOLD]
        return judged(not lacking, self.expected, found, places, _LOADED)


class SetIdRecorded(NamedTuple):
    """The execution of every program with set-id bits is recorded."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome; where not all files were seen, there may be programs more."""
        found = system.get(tree.found)
        programs = tree.judged(found.set_id)
        rule = Recorded("every start of a set-id program by people", lambda _: _executions(system, programs))
        outcome = rule.judge(system)
        if outcome.verdict == PASS and found.unseen:
            return Outcome(ERROR, outcome.expected, f"not all was seen: {'; '.join(found.unseen)}")
        return outcome


class Immutable(NamedTuple):
    """The rules cannot be changed until the host is started again."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome."""
        rules = system.get(audit_rules.rules)
        found = f"-e {rules.enabled}" if rules.enabled is not None else "not set"
        return judged(rules.enabled == "2", "-e 2 as the last of its kind", found, (rules.where,), _LOADED)


class InStep(NamedTuple):
    """audit.rules is what the parts of it make; whether that is loaded, only the kernel could tell."""

    def judge(self, system: System) -> Outcome:
        """Give the outcome: fail where the files differ, else leave it to a person."""
        expected = "the loaded rules are those on disk"
        if system.get(audit_rules.paths) == [audit_rules.MADE]:
            return Outcome(MANUAL, expected, "there are no parts to compare", (audit_rules.MADE,), _LOADED)
        parts = {each.rule for each in system.get(audit_rules.rules).rules}
        made = set(audit_rules.rules_of(system, audit_rules.MADE))
        if parts != made:
            return Outcome(FAIL, expected, f"{len(parts ^ made)} rules differ", (audit_rules.MADE,), _LOADED)
        return Outcome(MANUAL, expected, "the files agree", (audit_rules.MADE,), _LOADED)


def in_step() -> Judgement:
    """Fail where rules were added that are not in audit.rules yet; else leave it to a person."""
    return InStep()


def watched(paths: tuple[str, ...], permissions: str = "wa") -> Judgement:
    """Hold where some kinds of access to all of some paths are recorded."""
    return Recorded(f"{permissions} of {', '.join(paths)}", lambda system: _accesses(system, paths, permissions))


def one_watched(paths: tuple[str, ...]) -> Judgement:
    """Hold where changes to one of several paths at least are recorded."""
    return AnyWatched(paths)


class AnyWatched(NamedTuple):
    """Changes to one path of several are recorded."""

    paths: tuple[str, ...]

    def judge(self, system: System) -> Outcome:
        """Give the outcome of the first that holds."""
        outcomes = [watched((path,)).judge(system) for path in self.paths]
        expected = f"wa of {' or '.join(self.paths)}"
        holding = next((each for each in outcomes if each.verdict == PASS), None)
        return holding or Outcome(FAIL, expected, "not recorded", outcomes[0].where, _LOADED)


def sudo_log_watched(path: str) -> Judgement:
    """Hold where changes to sudo's own log, at the path that sudo is told or at a usual one, are recorded."""
    return Recorded("changes to the log of sudo", lambda system: _accesses(system, (_sudo_log(system, path),), "wa"))


def calls(
    names: tuple[str, ...],
    by: str = "",
    exits: tuple[str, ...] = (),
    arguments: tuple[str, ...] = (),
    both: bool = True,
) -> Judgement:
    """Hold where system calls are recorded.

    by: people for those of people's sessions, empty for all.
    exits: Errors that are wanted, as EACCES; empty where all calls are.
    arguments: Values that an argument may be asked for, as a0=0.
    both: Whether those of 32-bit programs are wanted, too.
    """
    told = f"{', '.join(names)}{f' that end with {chr(32).join(exits)}' if exits else ''}{f' by {by}' if by else ''}"
    return Recorded(told, lambda system: _calls(system, names, by, exits, arguments, both))


def executions(paths: tuple[str, ...]) -> Judgement:
    """Hold where it is recorded that people start some programs."""
    told = f"every start of {', '.join(paths)} by people"
    return Recorded(told, lambda system: _executions(system, paths))


def acting_as_others() -> Judgement:
    """Hold where programs are recorded that run as another than who started them, or as root and its group at least."""
    return Recorded(
        "every program that runs as another user than who started it",
        lambda system: _changed_ids(system, ("uid",), ()),
        lambda system: _changed_ids(system, ("uid", "gid"), ("0",)),
    )


def set_id_executions() -> Judgement:
    """Hold where every start of a set-id program by people is recorded."""
    return SetIdRecorded()


def immutable() -> Judgement:
    """Hold where the last -e is 2."""
    return Immutable()


def _compared(wanted: Iterable[Wanted], rules: tuple[Loaded, ...]) -> tuple[list[str], list[str]]:
    """Give what is not recorded, and the places of the rules that record the rest."""
    lacking, where = [], []
    for each in wanted:
        place = _recorded_at(each, rules)
        if place is None:
            lacking.append(each.told)
        else:
            where.append(place)
    return lacking, where


def _recorded_at(wanted: Wanted, rules: tuple[Loaded, ...]) -> str | None:
    """Give the place of the first rule that records it, unless one before keeps it from being recorded."""
    for each in rules:
        if each.rule.action == "never" and each.rule.list == "task" and not each.rule.conditions:
            return None
    for each in rules:
        if each.rule.list == "exit" and covers(each.rule, wanted):
            return each.where if each.rule.action == "always" else None
    return None


def _of_people(system: System) -> frozenset[Condition]:
    least = str(system.get(accounts.first_user))
    return frozenset((Condition("auid", ">=", least), Condition("auid", "!=", "unset")))


def _arches(system: System) -> tuple[str, ...]:
    return ("b32",) if system.get(_machine) in _SMALL else ("b64", "b32")


def _machine(system: System) -> str:
    return architecture(Host(system.root, system.proc)) or "x86_64"


def _accesses(system: System, paths: tuple[str, ...], permissions: str) -> Iterator[Wanted]:
    for path in paths:
        for arch in _arches(system):
            yield Wanted(path, arch, path=plain_path(path), permissions=frozenset(permissions))


def _executions(system: System, paths: Iterable[str]) -> Iterator[Wanted]:
    people = _of_people(system)
    for path in paths:
        for arch in _arches(system):
            yield Wanted(path, arch, path=plain_path(path), permissions=frozenset("x"), conditions=people)


def _calls(
    system: System, names: tuple[str, ...], by: str, exits: tuple[str, ...], arguments: tuple[str, ...], both: bool
) -> Iterator[Wanted]:
    known = _of_people(system) if by == _PEOPLE else frozenset()
    known |= {Condition(name, "=", value) for name, _, value in (each.partition("=") for each in arguments)}
    arches = _arches(system) if both else _arches(system)[:1]
    for arch in arches:
        for name in names:
            if arch == "b64" and name in _OF_X86 and system.get(_machine) not in _X86:
                continue
            for error in exits or ("",):
                more = {Condition("exit", "=", f"-{error}")} if error else set()
                told = f"{name} {error}".strip()
                yield Wanted(f"{told} of {arch}", arch, name, conditions=known | more)


def _changed_ids(system: System, kinds: tuple[str, ...], values: tuple[str, ...]) -> Iterator[Wanted]:
    for arch in _arches(system):
        for kind in kinds:
            known = {Condition(f"e{kind}", "!=", kind), Condition("auid", "!=", "unset")}
            known |= {Condition(f"e{kind}", "=", value) for value in values}
            yield Wanted(f"execve with another {kind} of {arch}", arch, "execve", conditions=frozenset(known))


def _sudo_log(system: System, usual: str) -> str:
    said = [setting for setting, _ in sudoers.settings(system, "logfile") if not setting.scope and setting.on]
    return said[-1].value if said and said[-1].value.startswith("/") else usual
