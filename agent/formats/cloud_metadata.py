"""What the metadata services of clouds answer, as fields of CloudInstance.

EC2: the instance identity document, and the keys and values of tags (EC2 user guide, "Instance metadata").
GCE: single values of the metadata server (Compute Engine, "Predefined metadata keys").
Azure: the compute object of the instance metadata service, versions 2019-06-04 to 2019-11-01.

Answers are taken for what anybody may have written: ValueError for all that is not as described, which quotes none of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent.formats.json_text import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Facts = dict[str, Any]
"""Values of fields of CloudInstance; a field that was not told is missing."""
_LONGEST = 256
_MOST_TAGS = 64
_EC2_ID = r"i-[0-9a-f]{8,17}"
_GCE_ID = r"[0-9]{1,20}"
_AZURE_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ZONE = re.compile(r"(.+)-[a-z]")
"""Zones of GCE are named by their region and a letter."""


def ec2_document(content: bytes) -> Facts:
    """Read an instance identity document."""
    said = _mapping(content)
    return _facts(
        id=_id(said.get("instanceId"), _EC2_ID),
        type=_text(said.get("instanceType")),
        region=_text(said.get("region")),
        zone=_text(said.get("availabilityZone")),
        account=_text(said.get("accountId")),
        image=_text(said.get("imageId")),
    )


def ec2_tag_keys(content: bytes) -> list[str]:
    """Read the keys of tags, one a line."""
    keys = [key for key in map(_text, content.decode("utf-8", "strict").split("\n")) if key]
    if len(keys) > _MOST_TAGS:
        raise ValueError(f"more than {_MOST_TAGS} tags")
    return keys


def tags(pairs: Iterable[tuple[str, bytes | str]]) -> tuple[str, ...]:
    """Give tags of names with their values as a record has them."""
    written = []
    for name, value in pairs:
        text = value.decode("utf-8", "strict") if isinstance(value, bytes) else value
        written.append(f"{name}={_text(text) or ''}")
    return tuple(sorted(written))


def gce(values: Mapping[str, bytes]) -> Facts:
    """Read single values: instance/id, instance/machine-type, instance/zone, instance/image, instance/tags, project/project-id."""
    said = {
        path: _text(content.decode("utf-8", "strict")) for path, content in values.items() if path != "instance/tags"
    }
    zone = _last(said.get("instance/zone"))
    region = _ZONE.fullmatch(zone or "")
    return _facts(
        id=_id(said.get("instance/id"), _GCE_ID),
        type=_last(said.get("instance/machine-type")),
        region=region[1] if region else None,
        zone=zone,
        account=said.get("project/project-id"),
        image=said.get("instance/image"),
        tags=_names(read(values["instance/tags"])) if "instance/tags" in values else None,
    )


def azure(content: bytes) -> Facts:
    """Read a compute object."""
    said = _mapping(content)
    image = [_text(said.get(part)) for part in ("publisher", "offer", "sku", "version")]
    return _facts(
        id=_id(str(said.get("vmId")).lower(), _AZURE_ID),
        type=_text(said.get("vmSize")),
        region=_text(said.get("location")),
        zone=_text(said.get("zone")),
        account=_text(said.get("subscriptionId")),
        group=_text(said.get("resourceGroupName")),
        image=":".join(part or "" for part in image) if any(image) else None,
        tags=_azure_tags(said.get("tagsList")),
    )


def _azure_tags(listed: object) -> tuple[str, ...] | None:
    if not isinstance(listed, list):
        return None
    if len(listed) > _MOST_TAGS or not all(isinstance(tag, dict) for tag in listed):
        raise ValueError("its list of tags is none")
    return tags((_text(tag.get("name")) or "", _text(tag.get("value")) or "") for tag in listed)


def _names(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list) or len(listed) > _MOST_TAGS:
        raise ValueError("its list of tags is none")
    return tuple(sorted(name for name in map(_text, listed) if name))


def _mapping(content: bytes) -> dict[str, Any]:
    try:
        said = read(content)
    except ValueError:
        raise ValueError("the answer is no JSON") from None
    if not isinstance(said, dict):
        raise ValueError("the answer is no JSON object")
    return said


def _facts(**fields: object) -> Facts:
    return {name: value for name, value in fields.items() if value is not None}


def _id(value: object, pattern: str) -> str:
    """Check an id, without which an answer is none of an instance's."""
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError("the answer names no instance")
    return value


def _text(value: object) -> str | None:
    """Check a value; None for an empty one."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise ValueError("a value in the answer is no line of text")
    return value


def _last(path: str | None) -> str | None:
    return path.rpartition("/")[2] or None if path else None
