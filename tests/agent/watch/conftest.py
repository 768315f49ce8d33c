import os

import pytest

from agent.model.settings import Settings
from tests.agent.watch.watching import Watching


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path, tree):
    """Gives a function that starts a watcher of the tree, or of what settings say."""
    if os.geteuid() != 0:
        pytest.skip("marking file systems takes root")
    started = []

    def start(before=(), **settings):
        settings = {"state_dir": str(tmp_path / "state"), "integrity_trees": (str(tree),), **settings}
        started.append(Watching(tmp_path / "state", Settings(**settings), before))
        return started[-1]

    yield start
    for watching in started:
        watching.close()
