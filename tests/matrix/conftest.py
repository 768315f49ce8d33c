"""The real backend, for the agent on each Python to deliver to."""

from tests.e2e.conftest import backend

__all__ = ["backend"]
