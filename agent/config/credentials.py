"""Settings from what a service manager hands to a service as credentials: LoadCredential= of systemd.exec(5)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from agent.config.given import Given

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Set

CREDENTIALS = {
    "stocktake.token": ("backend.token_file", "backend.token"),
    "stocktake.join_token": ("backend.join_token_file", "backend.join_token"),
    "stocktake.ca": ("backend.ca",),
    "stocktake.crt": ("backend.certificate",),
    "stocktake.key": ("backend.key",),
}
"""Each credential's setting, and the one that would contradict it."""


def from_credentials(environment: Mapping[str, str], others: Set[str]) -> Iterator[Given]:
    """Give the settings whose credentials are there.

    environment: Names their folder in CREDENTIALS_DIRECTORY.
    others: Names of the settings that are given otherwise, beside which a credential does not count.
    """
    folder = environment.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return
    for credential, settings in CREDENTIALS.items():
        path = os.path.join(folder, credential)
        if others.isdisjoint(settings) and os.path.lexists(path):
            yield Given(settings[0], path, f"credential {credential}")
