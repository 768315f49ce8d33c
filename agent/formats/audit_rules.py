"""Rules of the Linux audit system as auditctl(8) takes them, brought to one form whatever way they are written."""

from __future__ import annotations

import re
from typing import NamedTuple, Union

_CONDITION = re.compile(r"([a-z]\w*?)(!=|>=|<=|&=|=|>|<|&)(.*)")
_LISTS = frozenset(("task", "exit", "user", "exclude", "filesystem", "io_uring"))
_ARCHES = {
    **dict.fromkeys(("b64", "x86_64", "aarch64", "ppc64le", "ppc64", "s390x", "riscv64"), "b64"),
    **dict.fromkeys(("b32", "i386", "i486", "i586", "i686", "arm", "armv7l", "ppc", "s390"), "b32"),
}
_UNSET = frozenset(("-1", "4294967295", "unset"))
_IDS = frozenset(("auid", "loginuid", "uid", "euid", "suid", "fsuid", "gid", "egid", "sgid", "fsgid", "obj_uid"))
_ERRORS = {"1": "EPERM", "13": "EACCES"}
_MERGED = re.compile(r"/(bin|sbin|lib|lib64)(?=/|$)")


class Condition(NamedTuple):
    """A field of a rule.

    value: In its one form: unset for every spelling of it, 0 for root, -EACCES for -13, numbers in decimal.
    """

    field: str
    sign: str
    value: str


class Rule(NamedTuple):
    """A rule that records, or keeps from being recorded.

    action: always or never.
    list: exit, task ...
    arch: b64 or b32; empty where the rule does not say.
    syscalls: Names; empty for all of them.
    path, directory: What is watched: one file, or all below a directory; empty where it is neither.
    permissions: Letters of r, w, x, a; empty for all kinds of access.
    conditions: All other fields, of comparisons the two names sorted.
    """

    action: str
    list: str
    arch: str
    syscalls: frozenset[str]
    path: str
    directory: str
    permissions: frozenset[str]
    conditions: frozenset[Condition]


class Control(NamedTuple):
    """A line that is no rule.

    option: -D, -e, -d, -W ...
    value: What follows it.
    rule: Of -d and -W what is taken away.
    """

    option: str
    value: str
    rule: Rule | None = None


Line = Union[Rule, Control]


def parse(text: str) -> tuple[Line, bool] | None:
    """Read a line; with it comes whether a rule is put before all others (-A). None where auditctl would refuse it."""
    words = text.split()
    if not words or words[0].startswith("#"):
        return None
    if len(words) % 2 and words[0] not in ("-D", "-c", "-i") and not words[0].startswith("--"):
        return None
    options = list(zip(words[::2], words[1::2]))
    first = words[0]
    if first in ("-w", "-W"):
        rule = _watch(options)
        return rule and ((rule if first == "-w" else Control(first, "", rule)), False)
    if first in ("-a", "-A", "-d"):
        rule = _rule(options)
        return rule and ((Control(first, "", rule) if first == "-d" else rule), first == "-A")
    return (Control(first, " ".join(words[1:])), False) if first.startswith("-") else None


def plain_path(path: str) -> str:
    """Give the one spelling of a path: without a slash behind, /run for /var/run, /usr/bin for /bin."""
    path = re.sub(r"//+", "/", path)
    path = path.rstrip("/") or "/"
    if path.startswith("/var/run/"):
        path = path[4:]
    return f"/usr{path}" if _MERGED.match(path) else path


def _watch(options: list[tuple[str, str]]) -> Rule | None:
    """Read the short form; a path with a slash behind, as one that names a directory, is that of a directory."""
    given = dict(options)
    if not set(given) <= {"-w", "-W", "-p", "-k"}:
        return None
    path = given.get("-w") or given.get("-W") or ""
    letters = frozenset(given.get("-p", "rwxa"))
    if not path.startswith("/") or not letters <= set("rwxa"):
        return None
    return Rule("always", "exit", "", frozenset(), plain_path(path), plain_path(path), letters, frozenset())


def _rule(options: list[tuple[str, str]]) -> Rule | None:
    pair = options[0][1].split(",")
    action = next((word for word in pair if word in ("always", "never")), "")
    kind = next((word for word in pair if word in _LISTS), "")
    if len(pair) != 2 or not action or not kind:
        return None
    syscalls: set[str] = set()
    conditions: set[Condition] = set()
    named = {"arch": "", "path": "", "dir": "", "perm": ""}
    for option, value in options[1:]:
        if option == "-S":
            syscalls |= set(value.split(","))
        elif option in ("-F", "-C"):
            condition = _condition(value, option == "-C")
            if condition is None:
                return None
            if condition.field in named and condition.sign == "=":
                named[condition.field] = condition.value
            elif condition.field != "key":
                conditions.add(condition)
        elif option == "-p":
            named["perm"] = value
        elif option != "-k":
            return None
    return Rule(
        action,
        kind,
        _ARCHES.get(named["arch"], named["arch"]),
        frozenset() if "all" in syscalls else frozenset(syscalls),
        plain_path(named["path"]) if named["path"] else "",
        plain_path(named["dir"]) if named["dir"] else "",
        frozenset(named["perm"]),
        frozenset(conditions),
    )


def _condition(text: str, compares: bool) -> Condition | None:
    match = _CONDITION.fullmatch(text)
    if not match:
        return None
    field, sign, value = match.groups()
    if compares:
        one, other = sorted((field, value))
        return Condition(one, sign, other)
    field = "auid" if field == "loginuid" else field
    return Condition(field, sign, _value(field, value))


def _value(field: str, value: str) -> str:
    if field in _IDS:
        return "unset" if value in _UNSET else "0" if value == "root" else value
    if field == "exit" and value.startswith("-"):
        return f"-{_ERRORS.get(value[1:], value[1:])}"
    if field == "success":
        return {"yes": "1", "no": "0"}.get(value, value)
    if re.fullmatch(r"0x[0-9a-fA-F]+", value):
        return str(int(value, 16))
    return value
