"""The YAML files of the configuration: who may have written them, and what they give, line by line."""

from __future__ import annotations

import os
import stat

import yaml

from agent.config.given import Given, Problem, Raw, Source
from agent.model.settings import LABELS, keys

_LIMIT = 1024 * 1024
"""Bytes of one file."""


def read_with_folder(path: str) -> Source:
    """Read a file, and after it the *.yaml files of the folder conf.d beside it, in the order of their names."""
    folder = os.path.join(os.path.dirname(path), "conf.d")
    sources = [_read(path)]
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".yaml"))
    except FileNotFoundError:
        names = []
    except OSError as error:
        names = []
        sources.append(Source((), (Problem(folder, "", f"cannot be listed: {error.strerror}"),)))
    sources.extend(_read(os.path.join(folder, name)) for name in names)
    return Source(
        tuple(one for source in sources for one in source.given),
        tuple(problem for source in sources for problem in source.problems),
    )


def _read(path: str) -> Source:
    try:
        content = _content(path)
        tree = yaml.compose(content, Loader=yaml.SafeLoader)
    except OSError as error:
        return _refused(path, f"cannot be read: {error.strerror}")
    except ValueError as error:
        return _refused(path, str(error))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark else path
        return _refused(where, f"expected YAML: {getattr(error, 'problem', None) or 'unreadable characters'}")
    if tree is None:
        return _refused(path, "is empty: give settings, or remove the file to take the defaults")
    if not isinstance(tree, yaml.MappingNode):
        return _refused(path, "expected names with values, such as state_dir: /var/lib/stocktake")
    return _Walk(path).source(tree)


def _content(path: str) -> bytes:
    """Read a file that nobody but its trusted owner can have written; ValueError says what is wrong."""
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise ValueError("is a directory, expected a file")
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("is no regular file")
        if found.st_uid not in (0, os.geteuid()):
            raise ValueError(f"is owned by user {found.st_uid}; it must be owned by root or the agent's user")
        if found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != 0):
            raise ValueError(f"is writable by others (mode {stat.S_IMODE(found.st_mode):04o}); run chmod go-w on it")
        if found.st_size > _LIMIT:
            raise ValueError(f"is longer than {_LIMIT} bytes")
        return os.read(fd, _LIMIT)
    finally:
        os.close(fd)


def _refused(where: str, text: str) -> Source:
    return Source((), (Problem(where, "", text),))


class _Walk:
    """Goes over one file's tree and collects what it gives."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._kinds = {key.name: key.kind for key in keys()}
        self._groups = {name.partition(".")[0] for name in self._kinds if "." in name}
        self._given: list[Given] = []
        self._problems: list[Problem] = []

    def source(self, tree: yaml.MappingNode) -> Source:
        """Go over the tree."""
        self._mapping(tree, "")
        return Source(tuple(self._given), tuple(self._problems))

    def _mapping(self, tree: yaml.MappingNode, prefix: str) -> None:
        seen = set()
        for name_node, value_node in tree.value:
            where = f"{self._path}:{name_node.start_mark.line + 1}"
            name = prefix + str(name_node.value) if isinstance(name_node, yaml.ScalarNode) else prefix
            if name in seen:
                self._problems.append(Problem(where, name, "expected once, found again"))
            seen.add(name)
            self._one(name, value_node, where)

    def _one(self, name: str, node: yaml.Node, where: str) -> None:
        if name in self._kinds:
            self._given.append(Given(name, _raw(node, self._kinds[name]), where))
        elif name in self._groups and isinstance(node, yaml.MappingNode):
            self._mapping(node, f"{name}.")
        elif name in self._groups:
            self._problems.append(Problem(where, name, "expected names with values, indented below it"))
        else:
            self._problems.append(Problem(where, name, f"expected a known setting{self._suggestion(name)}"))

    def _suggestion(self, name: str) -> str:
        from difflib import get_close_matches  # noqa: PLC0415 - only for the message

        near = get_close_matches(name, [*self._kinds, *self._groups], 1)
        return f"; did you mean {near[0]}?" if near else ""


def _raw(node: yaml.Node, kind: str) -> Raw:
    """Give a node's text, or a mapping's texts for labels; None for anything that is neither."""
    if isinstance(node, yaml.ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)
    if kind == LABELS and isinstance(node, yaml.MappingNode):
        pairs = [(name.value, value.value) for name, value in node.value]
        return dict(pairs) if all(isinstance(text, str) for pair in pairs for text in pair) else None
    return None
