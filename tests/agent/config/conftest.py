"""A configuration file of a test, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.config import ConfigurationError, load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.config import Loaded


class Configuration:
    """A folder with agent.yaml and conf.d, and the variables and flags of one start."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "agent.yaml"

    def write(self, content: str | bytes, name: str = "agent.yaml") -> Path:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(0o644)
        return path

    def load(self, variables: Mapping[str, str] | None = None, flags: Sequence[str] = ()) -> Loaded:
        return load(str(self.file), variables or {}, flags)

    def problems(self, variables: Mapping[str, str] | None = None, flags: Sequence[str] = ()) -> list[str]:
        """Load what must be refused, and give every reason, with the folder left out of the paths."""
        with pytest.raises(ConfigurationError) as refused:
            self.load(variables, flags)
        return str(refused.value).replace(f"{self.folder}/", "").splitlines()


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    return Configuration(tmp_path)
