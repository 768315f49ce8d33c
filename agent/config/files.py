"""The YAML files of the configuration: who may have written them, and what they give, line by line."""

from __future__ import annotations

import os
import re
import stat

import yaml

from agent.config.given import Given, Problem, Raw, Source
from agent.model.keys import KEYS, LABELS, NAMES, PATTERNS, TREES, Key

_LIMIT = 1024 * 1024
"""Bytes of one file."""
_QUOTED = re.compile(r"\b(alias|handle) .*", re.DOTALL)
"""What PyYAML quotes at length of a file; there it may be a secret that has no quotes around it."""

_LISTS = (NAMES, TREES, PATTERNS)
"""Kinds of settings for which YAML has a list."""


def read_with_folder(path: str) -> Source:
    """Read a file, and after it the *.yaml files of the folder conf.d beside it, in the order of their names."""
    folder = os.path.join(os.path.dirname(path), "conf.d")
    sources = [_read(path)]
    names: list[str] = []
    try:
        _require_trusted(os.stat(folder))
        names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
    except FileNotFoundError:
        pass  # the folder is optional
    except OSError as error:
        sources.append(_refused(folder, f"cannot be listed: {error.strerror}"))
    except ValueError as error:
        sources.append(_refused(folder, str(error)))
    sources.extend(_read(os.path.join(folder, name)) for name in names)
    return Source(
        tuple(one for source in sources for one in source.given),
        tuple(problem for source in sources for problem in source.problems),
    )


def _read(path: str) -> Source:
    try:
        content = content_of(path)
        tree = yaml.compose(content, Loader=yaml.SafeLoader)
    except OSError as error:
        return _refused(path, f"cannot be read: {error.strerror}")
    except ValueError as error:
        return _refused(path, str(error))
    except RecursionError:
        return _refused(path, "expected settings, found YAML that is nested too deep to be read")
    except yaml.YAMLError as error:
        return _refused(f"{path}:{line_of(error, content)}", f"expected YAML: {problem_of(error)}")
    if tree is None:  # nothing but comments, as config example gives them
        return Source((), ())
    if not isinstance(tree, yaml.MappingNode):
        return _refused(path, "expected names with values, such as state_dir: /var/lib/stocktake")
    return _Walk(path).source(tree)


def content_of(path: str) -> bytes:
    """Read a file that nobody but its trusted owner can have written; ValueError says what is wrong."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise ValueError("is a directory, expected a file")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is no regular file")
        _require_trusted(found)
        if found.st_size > _LIMIT:
            raise ValueError(f"is longer than {_LIMIT} bytes")
        content = os.read(fd, _LIMIT)
    finally:
        os.close(fd)
    if not content.strip():
        raise ValueError("is empty: give settings, or remove the file to take the defaults")
    return content


def _require_trusted(found: os.stat_result) -> None:
    """Raise ValueError unless root and the agent's user alone can change a file or folder."""
    if found.st_uid not in (0, os.geteuid()):
        raise ValueError(f"is owned by user {found.st_uid}; it must be owned by root or the agent's user")
    if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != 0):
        raise ValueError(f"is writable by others (mode {stat.S_IMODE(found.st_mode):04o}); run chmod go-w on it")


def line_of(error: yaml.YAMLError, content: bytes) -> int:
    """Give the line of an error; one about characters tells how many bytes or characters stand before it."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    before: int = getattr(error, "position", 0)
    if getattr(error, "encoding", None) == "unicode":
        return content.decode("utf-8", "replace").count("\n", 0, before) + 1
    return content.count(b"\n", 0, before) + 1


def problem_of(error: yaml.YAMLError) -> str:
    """Say what is wrong with YAML without quoting what may be a secret."""
    return _QUOTED.sub(r"\1", getattr(error, "problem", None) or "characters that can be read")


def _refused(where: str, text: str) -> Source:
    return Source((), (Problem(where, "", text),))


class _Walk:
    """Goes over one file's tree and collects what it gives."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._keys = {key.name: key for key in KEYS}
        self._groups = {name.partition(".")[0] for name in self._keys if "." in name}
        self._seen: set[str] = set()
        self._given: list[Given] = []
        self._problems: list[Problem] = []

    def source(self, tree: yaml.MappingNode) -> Source:
        """Go over the tree."""
        self._mapping(tree, "")
        return Source(tuple(self._given), tuple(self._problems))

    def _mapping(self, tree: yaml.MappingNode, prefix: str) -> None:
        for name_node, value_node in tree.value:
            where = f"{self._path}:{name_node.start_mark.line + 1}"
            if not isinstance(name_node, yaml.ScalarNode):
                self._problems.append(Problem(where, prefix.rstrip("."), "expected a name before the colon"))
                continue
            name = prefix + str(name_node.value)
            if name in self._seen:
                self._problems.append(Problem(where, name, "expected once, found again"))
            self._seen.add(name)
            self._one(name, value_node, where)

    def _one(self, name: str, node: yaml.Node, where: str) -> None:
        if name in self._keys:
            self._setting(self._keys[name], node, where)
        elif name in self._groups and isinstance(node, yaml.MappingNode):
            self._mapping(node, f"{name}.")
        elif name in self._groups:
            self._problems.append(Problem(where, name, "expected names with values, indented below it"))
        else:
            self._problems.append(Problem(where, name, f"expected a known setting{self._suggestion(name)}"))

    def _setting(self, key: Key, node: yaml.Node, where: str) -> None:
        try:
            self._given.append(Given(key.name, _raw(node, key.kind), where))
        except TypeError:
            self._problems.append(Problem(where, key.name, f"expected {key.expected}"))

    def _suggestion(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only for the message

        near = get_close_matches(name, [*self._keys, *self._groups], 1)
        return f"; did you mean {near[0]}?" if near else ""


def _raw(node: yaml.Node, kind: str) -> Raw:
    """Give a node's text, a mapping's names and texts for labels, a list's texts for lists; TypeError for all else."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    if kind == LABELS and isinstance(node, yaml.MappingNode):
        pairs = tuple((name.value, value.value) for name, value in node.value)
        if all(isinstance(text, str) for pair in pairs for text in pair):
            return pairs
    if kind in _LISTS and isinstance(node, yaml.SequenceNode):
        texts = [entry.value for entry in node.value]
        if all(isinstance(text, str) for text in texts):
            return ",".join(texts) if kind == NAMES else texts
    raise TypeError(kind)
