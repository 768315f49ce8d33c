"""The file of compliance.tailoring: what a site skips, waives, changes and adds, checked line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from agent.checks.benchmarks.conditions import CHOICES
from agent.checks.engine import vocabulary
from agent.checks.engine.catalogue import checks
from agent.checks.engine.published import BENCHMARKS
from agent.config.files import content_of, line_of, problem_of
from agent.config.given import Problem
from agent.config.plain import is_date, kind, like, plain
from agent.model.tailoring import Custom, Tailoring, Waiver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.checks.engine.check import Check, Value

_ID = re.compile(r"[a-z][a-z0-9_]{2,79}")
_LONGEST = 500


class Tailored(NamedTuple):
    """What a file says.

    tailoring: What it changes.
    given: Text by attribute of Settings of what it chooses: benchmark, level, profile.
    """

    tailoring: Tailoring
    given: Mapping[str, str]


def read_tailoring(path: str) -> tuple[Tailored, list[Problem]]:
    """Read and check a file; what is wrong is told with its line, and left out."""
    try:
        content = content_of(path)
        tree = yaml.compose(content, Loader=yaml.SafeLoader)
    except (OSError, ValueError) as error:
        return _refused(path, getattr(error, "strerror", None) or str(error))
    except RecursionError:
        return _refused(path, "expected a tailoring, found YAML that is nested too deep to be read")
    except yaml.YAMLError as error:
        return _refused(f"{path}:{line_of(error, content)}", f"expected YAML: {problem_of(error)}")
    reader = _Reader(path)
    return reader.tailored(tree), reader.problems


def _refused(where: str, text: str) -> tuple[Tailored, list[Problem]]:
    return Tailored(Tailoring(), {}), [Problem(where, "", text)]


class _Reader:
    """Goes over one file's tree."""

    def __init__(self, path: str) -> None:
        self.problems: list[Problem] = []
        self._path = path
        self._checks: Mapping[str, Check] = checks()
        self._sections = {row.section for benchmark in BENCHMARKS.values() for row in benchmark.recommendations()}

    def tailored(self, tree: yaml.Node | None) -> Tailored:
        """Read all parts."""
        parts = self._named(
            tree, "", ("benchmark", "level", "profile", "choices", "skip", "waive", "parameters", "custom")
        )
        given = {
            "compliance_benchmark": self._choice(parts, "benchmark", ("auto", *BENCHMARKS)),
            "compliance_level": self._choice(parts, "level", ("1", "2")),
            "compliance_profile": self._choice(parts, "profile", ("server", "workstation")),
        }
        return Tailored(
            Tailoring(
                skipped=self._each(parts.get("skip"), "skip", self._reason),
                waived=self._each(parts.get("waive"), "waive", self._waiver),
                parameters=self._each(parts.get("parameters"), "parameters", self._parameters),
                choices=self._choices(parts.get("choices")),
                custom=tuple(self._customs(parts.get("custom"))),
            ),
            {name: value for name, value in given.items() if value is not None},
        )

    def _wrong(self, node: yaml.Node, name: str, text: str) -> None:
        self.problems.append(Problem(f"{self._path}:{node.start_mark.line + 1}", name, text))

    def _named(self, node: yaml.Node | None, name: str, known: tuple[str, ...] | None) -> dict[str, yaml.Node]:
        """Give the parts of a mapping by their names, each once; known: the names that there are, None for any."""
        if node is None or (isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")):
            return {}
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, name, "expected names with values")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            part = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            full = f"{name}.{part}".lstrip(".")
            if known is not None and part not in known:
                self._wrong(key, full, f"expected one of {', '.join(known)}")
            elif part in found:
                self._wrong(key, full, "expected once, found again")
            else:
                found[part] = value
        return found

    def _each(self, node: yaml.Node | None, name: str, read: Callable[[yaml.Node, str, str], Any]) -> dict[str, Any]:
        """Read what is said of checks and sections by their names."""
        found = {}
        for subject, value in self._named(node, name, None).items():
            if subject not in self._checks and (subject not in self._sections or name == "parameters"):
                self._wrong(
                    value, f"{name}.{subject}", "expected the id of a check, as stocktake checks list shows them"
                )
                continue
            told = read(value, f"{name}.{subject}", subject)
            if told is not None:
                found[subject] = told
        return found

    def _text(self, node: yaml.Node | None, name: str, parent: yaml.Node) -> str | None:
        if isinstance(node, yaml.ScalarNode) and 0 < len(node.value) <= _LONGEST and node.value.isprintable():
            return str(node.value)
        self._wrong(node or parent, name, f"expected one line of text, at most {_LONGEST} characters")
        return None

    def _reason(self, node: yaml.Node, name: str, _: str) -> str | None:
        return self._text(node, name, node)

    def _waiver(self, node: yaml.Node, name: str, _: str) -> Waiver | None:
        parts = self._named(node, name, Waiver._fields)
        texts = [self._text(parts.get(each), f"{name}.{each}", node) for each in Waiver._fields]
        reason, owner, expires = texts
        if reason is None or owner is None or expires is None:
            return None
        if not is_date(expires):
            self._wrong(parts["expires"], f"{name}.expires", "expected a date, as 2030-12-31")
            return None
        return Waiver(reason, owner, expires)

    def _parameters(self, node: yaml.Node, name: str, subject: str) -> dict[str, Value]:
        defaults = self._checks[subject].parameters
        if not defaults:
            self._wrong(node, name, "expected a check with parameters; this one has none")
            return {}
        found = {}
        for each, value in self._named(node, name, tuple(defaults)).items():
            given = like(defaults[each], plain(value))
            if given is None:
                self._wrong(value, f"{name}.{each}", f"expected {kind(defaults[each])}")
            else:
                found[each] = given
        return found

    def _choice(self, parts: Mapping[str, yaml.Node], name: str, choices: tuple[str, ...]) -> str | None:
        node = parts.get(name)
        if node is None:
            return None
        if isinstance(node, yaml.ScalarNode) and node.value in choices:
            return str(node.value)
        self._wrong(node, name, f"expected one of {', '.join(choices)}")
        return None

    def _choices(self, node: yaml.Node | None) -> dict[str, str]:
        parts = self._named(node, "choices", tuple(CHOICES))
        found = {name: self._choice(parts, name, CHOICES[name]) for name in parts}
        return {name: value for name, value in found.items() if value is not None}

    def _customs(self, node: yaml.Node | None) -> list[Custom]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "custom", "expected a list of checks, each with id, title, why, fix and rule")
            return []
        made = [custom for each in node.value if (custom := self._custom(each)) is not None]
        for custom in made:
            if custom.id in self._checks or [each.id for each in made].count(custom.id) > 1:
                self._wrong(node, f"custom.{custom.id}", "expected an id that no other check has")
        return made

    def _custom(self, node: yaml.Node) -> Custom | None:
        parts = self._named(node, "custom", Custom._fields)
        texts = {each: self._text(parts.get(each), f"custom.{each}", node) for each in ("id", "title", "why", "fix")}
        level = self._choice(parts, "level", ("1", "2")) or "1"
        if None in texts.values():
            return None
        if not _ID.fullmatch(texts["id"] or ""):
            self._wrong(parts["id"], "custom.id", "expected small letters, digits and underscores, as site_ntp_server")
            return None
        rule = plain(parts["rule"]) if "rule" in parts else None
        try:
            vocabulary.rule(rule)
        except ValueError as error:
            self._wrong(parts.get("rule", node), f"custom.{texts['id']}.rule", str(error))
            return None
        return Custom(**texts, level=int(level), rule=rule)  # type: ignore[arg-type]
