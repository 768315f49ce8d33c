import pytest

from agent.containers.software_files import ENDINGS, NAMES, is_database, may_have_told, tells_of_software
from agent.databases import MARKS, load
from agent.inventory.shown import Parsers
from agent.model.parts import LANGUAGES

NOT_OF_CONTAINERS = ("/var/lib/apt/lists", "/var/lib/dpkg/info", "/var/lib/dpkg/updates", "/var/lib/dpkg/status.d")
"""Lists that are not read of containers, and directories whose files count."""


def test_they_are_what_the_parsers_of_languages_want():
    wanted = Parsers.named(list(LANGUAGES), executables=False).wanted
    assert wanted.names == NAMES
    assert sorted(wanted.endings) == sorted(ENDINGS)
    assert wanted.executables


@pytest.mark.parametrize("name", MARKS)
def test_a_change_of_any_package_database_is_seen(name):
    for pattern in load(name).STATE:
        path = pattern.replace("*", "x")
        if path not in NOT_OF_CONTAINERS and path != "/var/lib/pacman/local":
            assert is_database(path), path


@pytest.mark.parametrize(
    ("path", "executable", "expected"),
    [
        ("/app/node_modules/x/package.json", False, True),
        ("/opt/x/App.JAR", False, True),
        ("/usr/bin/tool", True, True),
        ("/usr/bin/tool", False, False),
        ("/etc/os-release", False, True),
        ("/var/lib/dpkg/status", False, True),
        ("/var/lib/dpkg/status-old", False, False),
        ("/var/lib/dpkg/info/a.list", False, False),
        ("/var/log/app.log", False, False),
        ("/usr/lib/python3/x/__pycache__/x.pyc", False, False),
    ],
)
def test_only_files_from_which_packages_are_read_tell_of_software(path, executable, expected):
    assert tells_of_software(path, executable) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/tmp/x", False),
        ("/var/cache/apt/x", False),
        ("/run", False),
        ("/app/x", True),
        ("/tmpfiles", True),
        ("/usr/bin/x", True),
    ],
)
def test_what_is_removed_where_files_come_and_go_says_nothing(path, expected):
    assert may_have_told(path) is expected
