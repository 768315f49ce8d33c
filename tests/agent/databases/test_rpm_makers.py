from __future__ import annotations

import pytest

from agent.databases.rpm_makers import provenance

RED_HAT, EPEL, UNKNOWN = "199e2f91fd431d51", "8a3872bf3228467c", "0123456789abcdef"


@pytest.mark.parametrize(
    ("distribution", "vendor", "key", "expected"),
    [
        ("rhel", "Red Hat, Inc.", RED_HAT, "distribution"),
        ("rhel", None, RED_HAT, "distribution"),
        ("rhel", "Fedora Project", EPEL, "third_party"),
        ("rhel", None, UNKNOWN, "third_party"),
        ("rhel", "Somebody", None, "third_party"),
        ("rhel", "Red Hat, Inc.", UNKNOWN, "distribution"),
        ("rhel", "Red Hat, Inc.", None, None),
        ("rhel", None, None, None),
        ("almalinux", "Red Hat, Inc.", RED_HAT, "third_party"),
        ("fedora", "Fedora Project", UNKNOWN, "distribution"),
        ("fedora", "Fedora Copr - user somebody", UNKNOWN, "third_party"),
        ("opensuse-leap", "SUSE LLC <https://www.suse.com/>", UNKNOWN, "distribution"),
        ("opensuse-leap", "obs://build.opensuse.org/home:somebody", UNKNOWN, "third_party"),
        ("sles", "openSUSE", UNKNOWN, "third_party"),
        ("azurelinux", "Microsoft Corporation", "0cd9fed33135ce90", "distribution"),
        ("azurelinux", "Microsoft Corporation", "eb3e94adbe1229cf", "third_party"),
        ("unheard-of", "Somebody", UNKNOWN, None),
        (None, "Somebody", UNKNOWN, None),
    ],
)
def test_a_builder_is_told_by_key_then_vendor(
    distribution: str | None, vendor: str | None, key: str | None, expected: str | None
) -> None:
    assert provenance(distribution, vendor, key) == expected
