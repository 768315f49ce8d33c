"""Licences recognised in running text: by the sentences that they begin with, and where Debian keeps them."""

from __future__ import annotations

import re

_COMMON = re.compile(rb"/usr/share/common-licenses/([A-Za-z0-9][A-Za-z0-9.+-]*[A-Za-z0-9])")
"""Every Debian system has these in full (Debian Policy, 12.5), so that a copyright file only names them."""

_SENTENCES = (
    (b"permission is hereby granted, free of charge, to any person obtaining", "MIT"),
    (b"redistribution and use in source and binary forms", "BSD"),
    (b"permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "ISC"),
    (b"permission to use, copy, modify, and distribute this software for any purpose with or without fee", "ISC"),
    (b"apache license, version 2.0", "Apache-2.0"),
    (b"apache license version 2.0", "Apache-2.0"),
    (b"mozilla public license, v. 2.0", "MPL-2.0"),
    (b"mozilla public license version 2.0", "MPL-2.0"),
    (b"boost software license - version 1.0", "BSL-1.0"),
    (b"boost software license, version 1.0", "BSL-1.0"),
    (b"this software is provided 'as-is', without any express or implied warranty. in no event", "Zlib"),
    (b"permission to use, copy, modify, and distribute this software and its documentation", "HPND"),
    (b"permission to use, copy, modify, distribute, and sell this software and its documentation", "HPND"),
    (b"permission to use, copy, modify, distribute, and license this software and its documentation", "TCL"),
    (b"python software foundation license version 2", "PSF-2"),
    (b"info-zip license", "Info-ZIP"),
    (b"gnu general public license version 2, june 1991", "GPL-2"),
    (b"gnu general public license version 3, 29 june 2007", "GPL-3"),
    (b"gnu lesser general public license version 2.1, february 1999", "LGPL-2.1"),
    (b"gnu lesser general public license version 3, 29 june 2007", "LGPL-3"),
    (b"gnu affero general public license version 3, 19 november 2007", "AGPL-3"),
    (b"this is free and unencumbered software released into the public domain", "Unlicense"),
    (b"public domain", "public-domain"),
)
"""Lower case, single spaces; what a text is called that has one."""


def classes(text: bytes) -> list[str]:
    """Name the kinds of licences that a text holds or refers to, sorted; none where none is recognised."""
    flat = b" ".join(text.split()).lower()
    found = {name for sentence, name in _SENTENCES if sentence in flat}
    if "Unlicense" in found:
        found.discard("public-domain")
    found.update(match.decode("ascii") for match in _COMMON.findall(text))
    return sorted(found)
