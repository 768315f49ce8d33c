from __future__ import annotations

import pytest

from agent.formats.spdx import expression
from agent.formats.spdx_trove import NAMES, trove


@pytest.mark.parametrize(
    ("classifier", "expected"),
    [
        ("License :: OSI Approved :: MIT License", "MIT"),
        ("License :: OSI Approved :: ISC License (ISCL)", "ISC"),
        ("License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
        ("License :: OSI Approved :: Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("License :: CC0 1.0 Universal (CC0 1.0) Public Domain Dedication", "CC0-1.0"),
        ("License :: OSI Approved :: BSD License", None),
        ("License :: OSI Approved :: Apache Software License", None),
        ("License :: OSI Approved", None),
        ("License :: Other/Proprietary License", None),
    ],
)
def test_a_classifier_means_a_licence_when_it_names_its_version(classifier: str, expected: str | None) -> None:
    assert trove(classifier) == expected


def test_every_name_stands_for_an_identifier() -> None:
    assert {name: expression(meaning) for name, meaning in NAMES.items()} == NAMES
