from __future__ import annotations

import pytest

from agent.formats.spdx import identifier
from agent.formats.spdx_names import NAMES, spdx


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("(mit OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("The Apache Software License, Version 2.0", "Apache-2.0"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License v2.0", "Apache-2.0"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT License", "MIT"),
        ("New BSD License", "BSD-3-Clause"),
        ("Eclipse Public License - v 2.0", "EPL-2.0"),
        ("Mozilla Public License 2.0 (MPL 2.0)", "MPL-2.0"),
        ("Boost Software License - Version 1.0", None),
        ("Apache", None),
        ("BSD License", None),
        ("GPLv3", None),
        ("MIT/Apache-2.0", None),
        ("SEE LICENSE IN LICENSE.md", None),
        ("UNLICENSED", None),
    ],
)
def test_a_full_name_is_read_when_one_licence_alone_has_it(declared: str, expected: str | None) -> None:
    assert spdx(declared) == expected


def test_every_name_stands_for_an_identifier() -> None:
    assert {name: identifier(meaning) for name, meaning in NAMES.items()} == NAMES
