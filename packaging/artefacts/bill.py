"""A bill of materials of an artefact: CycloneDX 1.6, the same bytes for the same parts."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any

from artefacts.source import VERSION, day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from artefacts.vendored import Part

_SPACE = uuid.UUID("5b4e9a0e-6f0b-5d0f-9f5c-6a7f3f0f6b7d")
"""Name space of the serial numbers, which come from what the bill says."""


def bill(name: str, licence: str, parts: Iterable[Part], below: Iterable[dict[str, Any]] = ()) -> bytes:
    """Give the bill of a program: itself, and what it brings along with the digests of the wheels that it came in.

    below: Further components, as CycloneDX writes them.
    """
    subject = f"pkg:generic/{name}@{VERSION}"
    components = [*(_component(part) for part in parts), *below]
    document: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": day().isoformat(),
            "component": {
                "type": "application",
                "bom-ref": subject,
                "name": name,
                "version": VERSION,
                "licenses": [{"expression": licence}],
            },
        },
        "components": components,
        "dependencies": [{"ref": subject, "dependsOn": [component["bom-ref"] for component in components]}],
    }
    document["serialNumber"] = f"urn:uuid:{uuid.uuid5(_SPACE, json.dumps(document))}"
    return json.dumps(document, indent=1).encode() + b"\n"


def _component(part: Part) -> dict[str, Any]:
    purl = f"pkg:pypi/{part.name.lower().replace('_', '-')}@{part.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": part.name,
        "version": part.version,
        "purl": purl,
        "licenses": [{"expression": part.licence}],
        "externalReferences": [
            {
                "type": "distribution",
                "url": f"{purl}?file_name={part.wheel}",
                "hashes": [{"alg": "SHA-256", "content": part.sha256}],
            }
        ],
    }
