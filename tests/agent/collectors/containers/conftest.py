import pytest

from tests.agent.containers.fake import FakeHost


@pytest.fixture
def host(tmp_path):
    """A host with process 1 alone."""
    return FakeHost(tmp_path)
