"""What every test can use."""

import os
import resource
import signal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from tests.artefacts.built import dist, image_archive, printed
from tests.hosts.debian import debian, minbase, release

__all__ = ["debian", "dist", "image_archive", "minbase", "printed", "release"]

_FIRST = ("e2e", "matrix", "artefacts")
"""Folders of long tests: what is begun last decides when all is over."""
_BUILT = {"debian", "minbase", "release", "trixie", "centos", "image_archive", "dist", "printed"}
"""Fixtures that may have to fetch and to build first."""
_PATIENCE = 900
"""Seconds that tests of those folders and with those fixtures may take; others have what tests/run gives them."""


settings.register_profile("same", derandomize=True)  # for the same verdict on every machine; `matrix` looks further
settings.load_profile("default" if os.environ.get("STOCKTAKE_TEST_MATRIX") == "whole" else "same")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out what needs root, a built root or much time")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, which have its fixtures in common; those of files that wait longest start first."""
    if config.getoption("--quick"):
        slow = [item for item in items if not _is_quick(item)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]
    for item in items if config.pluginmanager.hasplugin("xdist") else ():
        version = (
            getattr(item, "callspec", None) and item.callspec.params.get("python", "") if _of(item) == "matrix" else ""
        )
        item.add_marker(pytest.mark.xdist_group(f"{item.path}{version}"))
    for item in items if config.pluginmanager.hasplugin("timeout") else ():
        if _of(item) in _FIRST or _BUILT.intersection(item.fixturenames):
            item.add_marker(pytest.mark.timeout(_PATIENCE))
    items.sort(key=lambda item: _FIRST.index(_of(item)) if _of(item) in _FIRST else len(_FIRST))


def _is_quick(item: pytest.Item) -> bool:
    """Tell whether it needs neither root nor a built root, nor tries very many inputs."""
    if _of(item) in _FIRST or _BUILT.intersection(item.fixturenames) or getattr(item.obj, "is_hypothesis_test", False):
        return False
    return not any(_asks_for_root(path) for path in (item.path, item.path.with_name("conftest.py")))


@cache
def _asks_for_root(path: Path) -> bool:
    return path.exists() and "geteuid" in path.read_text()


def _of(item: pytest.Item) -> str:
    """Tell which folder of tests it is in."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


def pytest_configure() -> None:
    """Set what this process hands down to all that is tested, so that it is the same whoever starts the tests and how.

    It may also have all descriptors that it can get: tests open roots by the thousand and leave them open.
    """
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o022)
    for name in list(os.environ):
        if name.startswith(("LC_", "STOCKTAKE_")) and not name.startswith("STOCKTAKE_TEST_"):
            del os.environ[name]
    here = "127.0.0.1,localhost,::1"
    os.environ.update(TZ="UTC", LANG="C.UTF-8", TERM="dumb", COLUMNS="80", no_proxy=here, NO_PROXY=here)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
