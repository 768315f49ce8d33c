"""Evidence is what tells one machine from another."""

import os

import pytest

from agent.host import open_host
from agent.host.evidence import Evidence, machine_id, product_uuid, read_evidence
from agent.host.root import HostRoot

ID = "0123456789abcdef0123456789abcdef"
UUID = "4c4c4544-0051-3510-8052-b4c04f4a3732"


def test_this_host_has_its_machine_id():
    with open("/etc/machine-id") as file:
        assert machine_id(HostRoot("/")) == file.read().strip()


@pytest.mark.parametrize(
    ("content", "expected"),
    [(f"{ID}\n", ID), (ID, ID), (ID.upper(), ID), ("uninitialized\n", None), ("", None), ("\n", None)],
)
def test_a_machine_id_is_32_digits_or_not_yet_set(tree, content, expected):
    (tree / "etc/machine-id").write_text(content)
    assert machine_id(HostRoot(str(tree))) == expected


@pytest.mark.parametrize("content", ["root:$6$secret:1", ID[:-1], ID + "0", ID + "\n" + ID])
def test_another_content_is_an_error_that_does_not_tell_it(tree, content):
    (tree / "etc/machine-id").write_text(content)
    with pytest.raises(ValueError) as error:
        machine_id(HostRoot(str(tree)))
    assert content not in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (UUID + "\n", UUID),
        (UUID.upper() + "\n", UUID),
        ("00000000-0000-0000-0000-000000000000\n", None),
        ("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF\n", None),
        ("Not Settable\n", None),
    ],
)
def test_a_product_uuid_that_the_firmware_did_not_set_is_none(tree, content, expected):
    (tree / "sys/class/dmi/id").mkdir(parents=True)
    (tree / "sys/class/dmi/id/product_uuid").write_text(content)
    assert product_uuid(HostRoot(str(tree))) == expected


def test_what_cannot_be_read_is_unknown(tree):
    os.mkfifo(tree / "etc/machine-id")
    assert read_evidence(open_host(str(tree))) == Evidence()


def test_the_firmware_is_that_of_a_tree_only_where_the_tree_runs(tree):
    (tree / "sys/class/dmi/id").mkdir(parents=True)
    (tree / "sys/class/dmi/id/product_uuid").write_text(UUID)
    assert read_evidence(open_host(str(tree))).product_uuid is None
    assert read_evidence(open_host(str(tree), "/proc")).product_uuid == UUID


@pytest.mark.parametrize(("node_uid", "expected"), [("uid-1", "uid-1"), ("", None), (None, None)])
def test_the_uid_of_a_node_is_told_from_outside(tree, node_uid, expected):
    assert read_evidence(open_host(str(tree)), node_uid).node_uid == expected
