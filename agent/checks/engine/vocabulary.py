"""The words in which a site writes checks of its own: a small part of our predicates, and nothing that runs anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agent.checks.predicates import (
    boot_argument,
    file_access,
    kernel_module,
    mount,
    package,
    presence,
    settings_file,
    sshd,
    sysctl,
    unit,
)
from agent.checks.predicates.combine import Not, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.checks.engine.check import Rule

_PATH = "path"
_TEXT = "text"
_TEXTS = "texts"
_MODE = "mode"
_KINDS = {
    _PATH: "an absolute path",
    _TEXT: "one line of text",
    _TEXTS: "a text, or a list of texts",
    _MODE: 'an octal mode in quotes, as "0640"',
}
_DEEPEST = 8


class Word(NamedTuple):
    """A word: what it takes, and what makes a rule of that.

    takes: Kind of each parameter by its name.
    text: What it says, for people.
    """

    takes: Mapping[str, str]
    make: Callable[..., Rule]
    text: str


WORDS: Mapping[str, Word] = {
    "package_installed": Word({"packages": _TEXTS}, package.installed, "packages are installed"),
    "package_absent": Word({"packages": _TEXTS}, package.absent, "packages are not installed"),
    "kernel_module_blocked": Word({"module": _TEXT}, kernel_module.blocked, "a kernel module cannot be loaded"),
    "sysctl": Word(
        {"name": _TEXT, "accepted": _TEXTS},
        sysctl.value,
        "a kernel parameter is, and is configured as, one of some values",
    ),
    "mounted": Word({"point": _PATH}, mount.separate, "a directory is a mount of its own"),
    "mount_option": Word({"point": _PATH, "option": _TEXT}, mount.option, "a mount has an option"),
    "file_exists": Word({"path": _PATH}, presence.exists, "a path leads to something"),
    "file_absent": Word({"path": _PATH}, presence.absent, "a path leads to nothing"),
    "file_access": Word(
        {"path": _PATH, "mode": _MODE}, file_access.at_most, "a file belongs to root, with no more than an octal mode"
    ),
    "setting": Word(
        {"path": _PATH, "section": _TEXT, "key": _TEXT, "accepted": _TEXTS},
        settings_file.is_set_untold,
        "a key of a file of lines KEY=VALUE, or of its drop-ins, has one of some values",
    ),
    "kernel_argument": Word(
        {"name": _TEXT, "value": _TEXT}, boot_argument.is_set, "every kernel is started with an argument of a value"
    ),
    "sshd": Word({"keyword": _TEXT, "accepted": _TEXTS}, sshd.is_set, "a keyword of sshd has one of some values"),
    "unit_on": Word({"name": _TEXT}, unit.on, "a unit of systemd is enabled, and active where that can be seen"),
    "unit_off": Word({"name": _TEXT}, unit.off, "a unit of systemd is absent, masked or not enabled"),
}
"""By name. Beside them all_of and any_of take a list of rules, and none_of one that no rule of it may hold."""

_LISTS = ("all_of", "any_of", "none_of")


def rule(written: object, depth: int = 0) -> Rule:
    """Make a rule of what a site wrote: a mapping of one word to what it takes; ValueError says what was expected."""
    if not isinstance(written, dict) or len(written) != 1:
        raise ValueError("expected one word with what it takes, as unit_on: {name: auditd.service}")
    ((name, given),) = written.items()
    if name in _LISTS:
        return _combined(name, given, depth)
    if name not in WORDS:
        raise ValueError(f"expected one of {', '.join((*WORDS, *_LISTS))}, found {str(name)[:80]!r}")
    word = WORDS[name]
    if not isinstance(given, dict) or set(given) != set(word.takes):
        raise ValueError(f"{name}: expected {', '.join(word.takes)}")
    return word.make(**{each: _value(f"{name}: {each}", word.takes[each], given[each]) for each in word.takes})


def _combined(name: str, given: object, depth: int) -> Rule:
    if not isinstance(given, list) or not given or depth == _DEEPEST:
        raise ValueError(f"{name}: expected a list of rules, nested at most {_DEEPEST} deep")
    rules = [rule(each, depth + 1) for each in given]
    if name == "none_of":
        return Not(any_of(*rules), "none of these holds")
    return all_of(*rules) if name == "all_of" else any_of(*rules)


def _value(where: str, kind: str, given: Any) -> Any:
    texts = given if isinstance(given, (list, tuple)) and kind == _TEXTS else [given]
    if not texts or not all(isinstance(text, str) and text.isprintable() and len(text) < 1000 for text in texts):
        raise ValueError(f"{where}: expected {_KINDS[kind]}")
    if (kind == _PATH and not given.startswith("/")) or (kind == _MODE and not _is_mode(given)):
        raise ValueError(f"{where}: expected {_KINDS[kind]}")
    return tuple(texts) if kind == _TEXTS else given


def _is_mode(text: str) -> bool:
    return 0 < len(text) <= 5 and all(digit in "01234567" for digit in text)
