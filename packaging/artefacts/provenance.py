"""Where an artefact comes from: an in-toto statement with SLSA provenance 1.0, beside the artefact, for signing."""

from __future__ import annotations

import hashlib
import json
import sys
from typing import TYPE_CHECKING, Any

from artefacts.source import moment, revision

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from artefacts.vendored import Part

_BUILD_TYPE = "urn:stocktake:packaging:build:1"


def write(artefact: Path, target: str, parts: Iterable[Part], below: Iterable[dict[str, Any]] = ()) -> Path:
    """Write ARTEFACT.provenance.json: the digest of what was built, from which revision and which wheels, and by what.

    below: Further dependencies, as in-toto describes resources.
    """
    sources = [*(_wheel(part) for part in parts), *below]
    commit = revision()
    if commit:
        digest = {} if commit.endswith("-dirty") else {"digest": {"gitCommit": commit}}
        sources.insert(0, {"name": "stocktake", "annotations": {"revision": commit}, **digest})
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": artefact.name, "digest": {"sha256": sha256(artefact)}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPE,
                "externalParameters": {"target": target, "SOURCE_DATE_EPOCH": moment()},
                "resolvedDependencies": sources,
            },
            "runDetails": {"builder": {"id": f"{_BUILD_TYPE}#python{sys.version_info[0]}.{sys.version_info[1]}"}},
        },
    }
    path = artefact.with_name(f"{artefact.name}.provenance.json")
    path.write_text(json.dumps(statement, indent=1) + "\n")
    return path


def sha256(path: Path) -> str:
    """Give a file's digest."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _wheel(part: Part) -> dict[str, Any]:
    return {
        "uri": f"pkg:pypi/{part.name.lower()}@{part.version}",
        "name": part.wheel,
        "digest": {"sha256": part.sha256},
    }
