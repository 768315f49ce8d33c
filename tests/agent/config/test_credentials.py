"""agent/config/credentials.py: what a service manager hands to a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.config import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """A folder as systemd gives it, with every credential that there is."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    for name in ("stocktake.token", "stocktake.join_token", "stocktake.ca", "stocktake.crt", "stocktake.key"):
        (folder / name).write_text("x\n")
    return folder


def test_credentials_are_the_files_of_tokens_and_authorities(credentials: Path) -> None:
    loaded = load(None, {"CREDENTIALS_DIRECTORY": str(credentials)})
    assert loaded.settings.backend_token_file == f"{credentials}/stocktake.token"
    assert loaded.settings.backend_join_token_file == f"{credentials}/stocktake.join_token"
    assert loaded.settings.backend_ca == f"{credentials}/stocktake.ca"
    assert loaded.settings.backend_certificate == f"{credentials}/stocktake.crt"
    assert loaded.settings.backend_key == f"{credentials}/stocktake.key"
    assert loaded.sources["backend.ca"] == "credential stocktake.ca"


def test_what_is_configured_comes_before_a_credential(credentials: Path) -> None:
    given = {"STOCKTAKE_BACKEND_CA": "/etc/ca.pem", "STOCKTAKE_BACKEND_TOKEN_FILE": "/etc/token"}
    settings = load(None, {"CREDENTIALS_DIRECTORY": str(credentials), **given}).settings
    assert (settings.backend_ca, settings.backend_token_file) == ("/etc/ca.pem", "/etc/token")


def test_a_token_that_is_configured_is_not_contradicted_by_a_credential(credentials: Path) -> None:
    settings = load(None, {"CREDENTIALS_DIRECTORY": str(credentials), "STOCKTAKE_BACKEND_TOKEN": "t"}).settings
    assert (settings.backend_token, settings.backend_token_file) == ("t", None)


def test_a_credential_that_is_not_there_sets_nothing(tmp_path: Path) -> None:
    assert load(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)}).sources == {}
    assert load(None, {}).sources == {}
