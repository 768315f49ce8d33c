"""agent/cli/cyclonedx.py: bills of materials that the specification's own schema takes."""

from __future__ import annotations

import dataclasses
import io
import json
import re

import pytest

from agent.cli.cyclonedx import CycloneDX
from agent.model.codec import as_line
from agent.model.records import Executable, Gap, LanguagePackage, Package
from tests.hosts.trees import STATUS, plant, stanza

SCHEMA = "cyclonedx-python-lib is not installed here: it ships the schema of CycloneDX"


def package(name: str, **changes) -> Package:
    fields = {field.name: None for field in dataclasses.fields(Package)}
    fields |= {
        "manager": "dpkg",
        "name": name,
        "version": "1",
        "status": "installed",
        "location": "/x",
        "purl": f"pkg:deb/debian/{name}@1",
    }
    return Package(**{**fields, **changes})


def requests(owner: str | None) -> LanguagePackage:
    return LanguagePackage(
        "pypi", "requests", "2.28.1", "pkg:pypi/requests@2.28.1", "Apache-2.0", "spdx", "/p/METADATA", "/p", owner
    )


def bill(*records, status: str = "complete") -> dict:
    """Give the bill of some records."""
    out = io.TextIOWrapper(io.BytesIO())
    writer = CycloneDX(out)
    writer.begin()
    writer.records(b"".join(as_line(record, "packages") for record in records))
    writer.close({"section": "packages", "status": status})
    writer.end()
    out.seek(0)
    return json.load(out)


def names(found: dict) -> list[str]:
    return [component["name"] for component in found["components"]]


def require_valid(text: str) -> None:
    validation = pytest.importorskip("cyclonedx.validation.json", reason=SCHEMA)
    from cyclonedx.schema import SchemaVersion

    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_the_bill_of_a_root_is_valid_and_names_its_packages(stocktake, root) -> None:
    done = stocktake("scan", "packages", "--root", root, "--format", "cyclonedx")
    require_valid(done.stdout)
    found = json.loads(done.stdout)
    assert {"a", "b", "debian"} <= set(names(found))
    assert re.fullmatch(
        r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", found["serialNumber"]
    )


@pytest.mark.parametrize(
    "records",
    [
        (),
        (package("a", license="GPL-2.0-or-later AND MIT", license_form="spdx", vendor="Debian"),),
        (package("a", license="see\nthe file", license_form="text", version=None, purl=None),),
        (requests(None), Executable("/opt/x\udcff", "ab" * 32, 5, "elf"), Executable("/opt/y", None, 5, "script")),
        (Gap("/mnt", "denied", "Permission denied", "/mnt/"),),
    ],
)
def test_a_bill_is_valid_whatever_is_in_it(records) -> None:
    require_valid(json.dumps(bill(*records)))


def test_a_bill_holds_one_component_where_a_distribution_packages_a_language_package() -> None:
    assert names(bill(package("python3-requests"), requests("dpkg/python3-requests:all"))) == ["python3-requests"]
    assert names(bill(requests(None))) == ["requests"]


def test_a_package_of_which_only_its_configuration_is_left_is_no_component() -> None:
    assert names(bill(package("gone", status="config-files"), package("there"))) == ["there"]


def test_a_program_that_no_package_owns_is_a_file_with_its_digest() -> None:
    [component] = bill(Executable("/opt/x", "ab" * 32, 5, "elf"))["components"]
    assert (component["type"], component["name"]) == ("file", "/opt/x")
    assert component["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]


def test_a_bill_says_whether_it_is_complete_and_what_could_not_be_seen() -> None:
    assert bill(package("a"))["compositions"] == [{"aggregate": "complete"}]
    found = bill(Gap("/mnt", "denied", "Permission denied", "/mnt/"), status="partial")
    assert found["compositions"] == [{"aggregate": "incomplete"}]
    assert {"name": "stocktake:gap", "value": "/mnt: denied: Permission denied"} in found["properties"]


def test_another_section_is_refused(stocktake, root) -> None:
    done = stocktake("scan", "ports", "--root", root, "--format", "cyclonedx")
    assert done.returncode == 2
    assert "expected the section packages alone" in done.stderr


def test_the_subject_is_the_host_that_was_scanned(stocktake, root) -> None:
    plant(root, {"etc/hostname": b"web-1\n", STATUS: stanza("a")})
    found = json.loads(stocktake("scan", "--root", root, "--format", "cyclonedx").stdout)
    assert found["metadata"]["component"]["name"] == "web-1"


def test_parts_that_are_not_asked_for_are_left_out(stocktake, root) -> None:
    done = stocktake("scan", "packages", "--parts", "python", "--root", root, "--format", "ndjson")
    assert '"manager":"dpkg"' not in done.stdout
    refused = stocktake("scan", "packages", "--parts", "cobol", "--root", root)
    assert refused.returncode == 2
    assert "packages.parts: expected all, or with commas between them some of dpkg, rpm" in refused.stderr
