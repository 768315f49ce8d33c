"""What every test can use."""

from tests.hosts.debian import debian, minbase

__all__ = ["debian", "minbase"]
