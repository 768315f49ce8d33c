"""agent/formats/cloud_metadata.py: answers are read as described, and nothing else is taken for one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.cloud_metadata import azure, ec2_document, ec2_tag_keys, gce, tags
from tests.hosts.metadata import AZURE_COMPUTE, EC2_DOCUMENT


@pytest.mark.parametrize(
    "instance", [None, "", "i-", "i-XYZ", "i-0123456789abcdef0\n", "../../etc/passwd", ["i-0123456789abcdef0"], 7]
)
def test_a_document_without_an_instances_id_is_none(instance):
    with pytest.raises(ValueError, match="names no instance"):
        ec2_document(json.dumps({**EC2_DOCUMENT, "instanceId": instance}).encode())


@pytest.mark.parametrize("value", ["x" * 257, "a\nb", "\x1b[31m", ["a"], {"a": 1}])
def test_a_value_that_is_no_line_of_text_makes_an_answer_malformed(value):
    with pytest.raises(ValueError) as error:
        ec2_document(json.dumps({**EC2_DOCUMENT, "instanceType": value}).encode())
    assert str(value)[:10] not in str(error.value)


def test_what_a_document_does_not_tell_is_not_known():
    told = ec2_document(json.dumps({"instanceId": "i-01234567", "region": "", "imageId": None}).encode())
    assert told == {"id": "i-01234567"}


def test_keys_of_tags_are_lines():
    assert ec2_tag_keys(b"Name\nteam\n") == ["Name", "team"]
    assert ec2_tag_keys(b"") == []


def test_tags_are_sorted_and_may_be_empty():
    assert tags([("b", b"2"), ("a", "")]) == ("a=", "b=2")


def test_a_zone_of_gce_names_its_region():
    values = {"instance/id": b"1", "instance/zone": b"projects/1/zones/us-central1-f"}
    assert gce(values) == {"id": "1", "zone": "us-central1-f", "region": "us-central1"}


@pytest.mark.parametrize("listed", [["a"], [{"name": ["x"]}], [{"name": "n", "value": "v"}] * 65])
def test_a_list_of_tags_that_is_none_makes_an_answer_of_azure_malformed(listed):
    with pytest.raises(ValueError):
        azure(json.dumps({**AZURE_COMPUTE, "tagsList": listed}).encode())


@given(st.binary(max_size=300))
def test_anything_else_raises_nothing_but_a_value_error(content):
    for read in (ec2_document, ec2_tag_keys, azure, lambda given: gce({"instance/id": given, "instance/tags": given})):
        try:
            read(content)
        except ValueError:
            pass
