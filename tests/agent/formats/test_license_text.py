from __future__ import annotations

from pathlib import Path

import pytest

from agent.formats.license_text import classes

KEPT = Path("/usr/share/common-licenses")


def test_a_sentence_is_recognised_however_it_is_broken() -> None:
    text = b"Permission is hereby granted,\n    free of charge, to\tany person\n obtaining a copy of this software"
    assert classes(text) == ["MIT"]


def test_references_to_the_texts_that_every_debian_has_name_them() -> None:
    text = (
        b"see /usr/share/common-licenses/GPL-2, `/usr/share/common-licenses/LGPL-2.1'.\n/usr/share/common-licenses/GPL."
    )
    assert classes(text) == ["GPL", "GPL-2", "LGPL-2.1"]


def test_an_unlicense_is_more_than_public_domain() -> None:
    assert classes(b"This is free and unencumbered software released into the public domain.") == ["Unlicense"]


def test_nothing_is_made_of_other_words() -> None:
    assert classes(b"All rights reserved. /usr/share/common-licenses/") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [("GPL-2", "GPL-2"), ("GPL-3", "GPL-3"), ("LGPL-2.1", "LGPL-2.1"), ("Apache-2.0", "Apache-2.0"), ("BSD", "BSD")],
)
def test_a_whole_text_is_recognised(name: str, expected: str) -> None:
    if not (KEPT / name).exists():
        pytest.skip("this system keeps no texts of licences")
    assert expected in classes((KEPT / name).read_bytes())
