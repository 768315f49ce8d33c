from __future__ import annotations

import subprocess
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.kernel_release import flavour, order
from tests.hosts.downloads import from_debian

DEBIAN = [
    "4.19.0-6-rt-amd64",
    "5.10.0-9-686-pae",
    "5.10.0-0.deb10.16-amd64",
    "5.10.0-30-amd64",
    "5.15.0-91-generic",
    "5.15.0-101-generic",
    "6.1.0-9-amd64",
    "6.1.0-18-amd64",
    "6.1.0-18-cloud-amd64",
    "6.5.11-7-pve",
    "6.6.20+rpt-rpi-v8",
    "6.8.0-rc1-amd64",
    "6.8.0-1008-aws-64k",
    "6.12.9+bpo-amd64",
    "6.12.33+deb13-amd64",
    "6.12.33",
]
RPM = [
    "3.10.0-1160.el7.x86_64",
    "3.10.0-1160.102.1.el7.x86_64",
    "5.14.0-70.13.1.el9_0.x86_64",
    "5.14.0-427.el9.x86_64",
    "5.14.0-427.13.1.el9_4.x86_64",
    "6.1.66-91.160.amzn2023.x86_64",
    "6.5.6-300.fc39.x86_64",
    "6.10.3-200.fc40.x86_64",
]


def test_kernels_of_debian_are_ordered_as_linux_version_orders_them() -> None:
    program = from_debian("linux-base")
    command = ["perl", f"-I{program}/usr/share/perl5", f"{program}/usr/bin/linux-version", "sort"]
    answer = subprocess.run([*command, *reversed(DEBIAN)], capture_output=True, text=True)
    if answer.returncode:
        pytest.skip(f"linux-version does not run: {answer.stderr}")
    assert sorted(DEBIAN, key=order) == answer.stdout.split()


def test_a_candidate_is_older_than_its_release() -> None:
    assert order("6.8.0-rc1") < order("6.8.0-rc10") < order("6.8.0") < order("6.8.0-1-amd64")


@pytest.mark.parametrize("releases", permutations(RPM[2:5]))
def test_kernels_of_rpm_are_ordered_as_rpm_orders_them(releases: tuple[str, ...]) -> None:
    assert sorted(releases, key=order) == RPM[2:5]


def test_kernels_of_all_distributions_of_rpm_are_ordered() -> None:
    assert sorted([*RPM[3:], *RPM[:3]], key=order) == RPM


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ("6.1.0-18-amd64", "amd64"),
        ("6.1.0-18-cloud-amd64", "cloud-amd64"),
        ("6.12.33+deb13-amd64", "amd64"),
        ("5.10.0-0.deb11.5-rt-amd64", "rt-amd64"),
        ("6.1.0-trunk-amd64", "amd64"),
        ("6.8.0-rc1-amd64", "amd64"),
        ("5.15.0-91-generic", "generic"),
        ("6.8.0-1008-aws-64k", "aws-64k"),
        ("6.6.20+rpt-rpi-v8", "rpi-v8"),
        ("6.6.10-arch1-1", ""),
        ("6.6.10-1-lts", "lts"),
        ("6.6.10-zen1-1-zen", "zen"),
        ("5.14.21-150500.55.39-default", "default"),
        ("5.14.0-362.8.1.el9_3.x86_64", ""),
        ("5.14.0-362.8.1.el9_3.x86_64+rt", "rt"),
        ("6.8.0", ""),
    ],
)
def test_a_release_names_its_flavour(release: str, expected: str) -> None:
    assert flavour(release) == expected


@given(st.lists(st.text("0129.-+~_arcelfx", max_size=12), max_size=6))
def test_any_releases_have_an_order_and_a_flavour(releases: list[str]) -> None:
    assert list(map(order, sorted(releases, key=order))) == sorted(map(order, releases))
    assert all(release.endswith(flavour(release)) for release in releases)
