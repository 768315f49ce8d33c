"""What every test can use: the interpreter that runs our modules, and a list of what was skipped at the end."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(scope="session")
def python() -> list[str]:
    """Words that start one of our modules as the product does."""
    return [sys.executable, "-I", "-m"]
