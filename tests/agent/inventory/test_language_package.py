from __future__ import annotations

import pytest

from agent.inventory.language_package import LanguagePackages, file_of, full_name
from agent.inventory.languages import Finding


@pytest.mark.parametrize(
    ("ecosystem", "namespace", "name", "full", "purl"),
    [
        ("maven", "org.x", "y", "org.x:y", "pkg:maven/org.x/y@1"),
        ("maven", None, "y", "y", "pkg:maven/y@1"),
        ("npm", "@scope", "x", "@scope/x", "pkg:npm/%40scope/x@1"),
        ("composer", "vendor", "x", "vendor/x", "pkg:composer/vendor/x@1"),
        ("golang", "example.org/a", "b", "example.org/a/b", "pkg:golang/example.org/a/b@1"),
        ("pypi", None, "A_b", "A_b", "pkg:pypi/a-b@1"),
    ],
)
def test_a_name_and_a_package_url_are_written_as_the_ecosystem_does(
    ecosystem: str, namespace: str | None, name: str, full: str, purl: str
) -> None:
    finding = Finding(ecosystem, namespace, name, "1", None, None, "/x")
    assert full_name(finding) == full
    assert LanguagePackages(True).record(finding, None).purl == purl


def test_a_package_without_a_name_has_no_package_url() -> None:
    assert LanguagePackages(True).record(Finding("pypi", None, "", None, None, None, "/x"), None).purl is None


def test_the_file_of_what_lies_in_archives_is_the_outermost() -> None:
    assert file_of(Finding("maven", None, "a", None, None, None, "/a.war!/b.jar!/META-INF")) == "/a.war"
