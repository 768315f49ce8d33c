"""The description of the interface, OpenAPI 3.1; a test holds it against the routes and the answers."""

from __future__ import annotations

from typing import Any

from agent import __version__
from backend.openapi.paths import PATHS
from backend.openapi.schemas import SCHEMAS


def describe() -> dict[str, Any]:
    """Give the whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "stocktake backend",
            "version": __version__,
            "description": "Takes in what agents found on their hosts, and answers questions about it.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": PATHS,
        "components": {"schemas": SCHEMAS, "securitySchemes": _TOKENS},
    }


def _token(description: str) -> dict[str, str]:
    return {"type": "http", "scheme": "bearer", "description": description}


_TOKENS = {
    "join": _token("A join token: enrols agents."),
    "agent": _token("An agent's own token, from its enrolment: reports for this agent alone."),
    "read": _token("A read token: answers questions about every host."),
}
