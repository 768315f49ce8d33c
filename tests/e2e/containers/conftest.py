"""Real runtimes, each started once."""

from __future__ import annotations

import pytest

from tests.hosts.containerd import containerd_in
from tests.hosts.podman import podman_in


@pytest.fixture(scope="session")
def podman_session(tmp_path_factory):
    """podman with a storage of its own."""
    podman = podman_in(tmp_path_factory.mktemp("podman"))
    yield podman
    podman.close()


@pytest.fixture
def podman(podman_session):
    """podman without any container of another test."""
    yield podman_session
    podman_session.remove()


@pytest.fixture(scope="session")
def containerd_session(tmp_path_factory, podman_session):
    """containerd in folders of its own."""
    containerd = containerd_in(tmp_path_factory.mktemp("c") / "d", podman_session)
    yield containerd
    containerd.close()


@pytest.fixture
def containerd(containerd_session):
    """containerd without any pod of another test."""
    yield containerd_session
    containerd_session.remove()
