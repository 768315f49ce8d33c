"""What every test can use."""

import resource

from tests.hosts.debian import debian, minbase, release

__all__ = ["debian", "minbase", "release"]


def pytest_configure() -> None:
    """Allow this process all the descriptors that it may have: tests open roots by the thousand and leave them open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
