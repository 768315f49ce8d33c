"""What every test can use."""

from tests.hosts.debian import debian, minbase, release

__all__ = ["debian", "minbase", "release"]
