"""What linters do not see: who opens files, what a collector must have, that every field is described."""

import ast
import dataclasses
import fnmatch
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import agent.collectors
from agent.model.keys import KEYS
from agent.model.records import HOMES, class_of
from agent.model.spec import PROC, ROOT, Spec

AGENT = Path(agent.collectors.__file__).parents[1]

OPENING_MODULES = {
    "pathlib",
    "glob",
    "shutil",
    "tempfile",
    "fileinput",
    "linecache",
    "subprocess",
    "mmap",
    "dbm",
    "shelve",
}
"""Modules that are there to open, list or run things."""
OPENING_CALLS = {
    *("open", "io.open", "io.open_code", "io.FileIO", "codecs.open", "gzip.open", "tarfile.open", "zipfile.ZipFile"),
    *("os.open", "os.listdir", "os.scandir", "os.walk", "os.fwalk", "os.stat", "os.lstat", "os.access", "os.readlink"),
    *("os.chdir", "os.fchdir", "os.chroot", "os.chmod", "os.chown", "os.link", "os.symlink", "os.truncate", "os.utime"),
    *("os.mkdir", "os.makedirs", "os.mkfifo", "os.mknod", "os.remove", "os.unlink", "os.rmdir", "os.removedirs"),
    *("os.rename", "os.renames", "os.replace", "os.statvfs", "os.getxattr", "os.listxattr", "os.system", "os.popen"),
    *("os.path.exists", "os.path.lexists", "os.path.isfile", "os.path.isdir", "os.path.islink", "os.path.ismount"),
    *("os.path.getsize", "os.path.getmtime", "os.path.realpath", "os.path.samefile", "sqlite3.connect", "ctypes.CDLL"),
}
"""Calls that take a path, or that give a way around all of this."""

OWN_FILES = {
    "cli/*": {"open", "os.open", "os.access", "os.path.exists", "os.path.isdir", "shutil", "tempfile"},
    "config/*": {"os.open", "os.listdir", "os.path.lexists", "os.stat"},
    "daemon/*": {"os.open", "open", "os.replace", "os.path.isdir", "os.scandir"},
    "delivery/*": {
        *("open", "os.open", "os.stat", "os.link", "os.listdir", "os.walk", "os.makedirs", "os.rename", "os.replace"),
        *("os.unlink", "os.path.exists", "os.path.samefile"),
    },
    "detach.py": {"os.open"},
    "limits/*": {"ctypes.CDLL", "open", "os.open"},
    "watch/*": {"os.open", "os.lstat", "os.makedirs"},
    "worker/*": {"open", "os.open", "os.listdir", "os.lstat", "os.makedirs", "os.path.isdir"},
}
"""Modules that handle files of the agent's own (settings, state, output, its own proc), and all they use for it. The daemon
also lists control groups, which are the kernel's."""


def modules():
    return sorted(AGENT.rglob("*.py"))


def name_of(path):
    return str(path.relative_to(AGENT))


def uses(path):
    """Give the opening modules and calls that a module uses, as `module` or `call`."""
    tree = ast.parse(path.read_text())
    aliases = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    imported = {name.partition(".")[0] for name in aliases.values()} & OPENING_MODULES
    named = {dotted(node, aliases) for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute))}
    return imported | named & OPENING_CALLS


def dotted(node, aliases):
    """Give the full name that an expression such as os.path.exists stands for, None for another expression."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        start = dotted(node.value, aliases)
        return start and f"{start}.{node.attr}"
    return None


def permitted(path):
    return set().union(*(calls for pattern, calls in OWN_FILES.items() if fnmatch.fnmatch(name_of(path), pattern)))


@pytest.mark.parametrize("path", [path for path in modules() if not name_of(path).startswith("host/")], ids=name_of)
def test_only_the_host_opens_paths_of_the_inspected_system(path):
    assert uses(path) - permitted(path) == set()


@pytest.mark.parametrize("pattern", OWN_FILES)
def test_nothing_is_permitted_that_is_not_used(pattern):
    used = set().union(*(uses(path) for path in modules() if fnmatch.fnmatch(name_of(path), pattern)))
    assert OWN_FILES[pattern] - used == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("open('/etc/passwd')", {"open"}),
        ("import os\nos.open('/etc', 0)", {"os.open"}),
        ("import os as system\nsystem.scandir('/')", {"os.scandir"}),
        ("from os import listdir as names\nnames('/')", {"os.listdir"}),
        ("import os.path\nos.path.exists('/')", {"os.path.exists"}),
        ("from os import path\npath.isfile('/')", {"os.path.isfile"}),
        ("from pathlib import Path\nPath('/').read_text()", {"pathlib"}),
        ("import glob\nglob.glob('/*')", {"glob"}),
        ("import io\nread = io.open", {"io.open"}),
        ("def f():\n    import subprocess", {"subprocess"}),
        ("root.open('/etc/passwd')\nself.stat('/')", set()),
        ("import os\nos.path.join('/', 'etc')\nos.read(0, 1)", set()),
    ],
)
def test_every_way_to_open_a_path_is_seen(tmp_path, source, expected):
    (tmp_path / "module.py").write_text(source)
    assert uses(tmp_path / "module.py") == expected


def collectors():
    return [found.name for found in pkgutil.iter_modules(agent.collectors.__path__)]


@pytest.mark.parametrize("name", collectors())
def test_a_collector_is_spec_and_collect_with_settings_of_its_name(name):
    module = importlib.import_module(f"agent.collectors.{name}")
    settings = {key.name: key for key in KEYS}
    assert isinstance(module.SPEC, Spec)
    assert callable(module.collect)
    assert module.__doc__
    assert settings[f"{name}.enabled"].kind == "switch"
    assert settings[f"{name}.every"].default == module.SPEC.every


@pytest.mark.parametrize("name", collectors())
def test_a_spec_is_complete(name):
    spec = importlib.import_module(f"agent.collectors.{name}").SPEC
    assert re.fullmatch(r"[A-Z].*[^.]", spec.summary)
    assert spec.needs <= {ROOT, PROC}
    assert spec.reads()
    assert all(pattern.startswith("/") for pattern in spec.reads())
    assert 0 < spec.memory <= 512
    assert 0 < spec.seconds <= 600
    assert all(
        re.fullmatch(r"cap_[a-z_]+", want.capability) and re.fullmatch(r".*[^.]", want.effect) for want in spec.wants
    )


def test_every_section_that_has_settings_is_a_collector():
    sections = {key.name.partition(".")[0] for key in KEYS if key.name.endswith(".every")}
    assert sections == set(collectors())


@pytest.mark.parametrize("kind", HOMES)
def test_every_field_of_a_record_is_described(kind):
    """A field's line, `name: text`, is its documentation in the README, in the order of the fields."""
    record = class_of(kind)
    lines = re.findall(r"^(\w+): (\S.*[.])$", inspect.cleandoc(record.__doc__), re.MULTILINE)
    assert [name for name, _ in lines] == [field.name for field in dataclasses.fields(record)]


@pytest.mark.parametrize("kind", HOMES)
def test_a_record_has_no_fractions(kind):
    """Both sides must come to the same digest, and no two languages write every fraction alike."""
    assert not [field.name for field in dataclasses.fields(class_of(kind)) if "float" in field.type]


@pytest.mark.parametrize("kind", HOMES)
def test_a_record_is_frozen_and_knows_its_kind_and_its_volatile_fields(kind):
    record = class_of(kind)
    assert kind == record.KIND
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.__new__(record).anything = 1
    assert set(record.VOLATILE) <= {field.name for field in dataclasses.fields(record)}
    assert isinstance(record.key, property)
    assert record.key.__doc__


def test_every_dataclass_of_the_records_is_a_kind():
    package = importlib.import_module("agent.model.records")
    declared = set()
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"agent.model.records.{found.name}")
        declared |= {name for name, value in vars(module).items() if dataclasses.is_dataclass(value)}
    assert declared == {name for _, name in HOMES.values()}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_a_module_says_in_its_first_line_what_it_does(path):
    assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_annotations_are_not_evaluated(path):
    """The floor is Python 3.9, which cannot evaluate `X | Y`."""
    tree = ast.parse(path.read_text())
    annotated = any(isinstance(node, (ast.AnnAssign, ast.FunctionDef)) for node in ast.walk(tree))
    assert not annotated or "from __future__ import annotations" in path.read_text()
