from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.formats.gemspec import Gem, parse
from agent.formats.license import License

HEAD = b"# -*- encoding: utf-8 -*-\n"


def test_the_stub_line_says_name_and_version() -> None:
    content = HEAD + b'# stub: tea 1.2.3.pre x86_64-linux lib\n\n  s.name = "other"\n  s.licenses = ["MIT".freeze]\n'
    assert parse(content) == Gem("tea", "1.2.3.pre", License("MIT", "spdx"), ())


@pytest.mark.parametrize("literal", [b'"tea"', b'"tea".freeze', b"%q{tea}"])
def test_without_a_stub_line_the_assignments_do(literal: bytes) -> None:
    content = (
        HEAD + b"  s.name = " + literal + b'\n  s.version = Gem::Version.new("1.2")\n  s.executables = ["a", %q{b}]'
    )
    assert parse(content) == Gem("tea", "1.2", License(None, None), ("a", "b"))


def test_several_licences_are_no_expression() -> None:
    content = HEAD + b'# stub: tea 1 ruby lib\n  s.licenses = ["Ruby".freeze, "BSD-2-Clause".freeze]\n'
    assert parse(content).license == License("Ruby, BSD-2-Clause", "text")


def test_nothing_is_evaluated() -> None:
    with pytest.raises(ValueError):
        parse(HEAD + b"  s.name = File.read(x)\n")


@given(st.lists(st.sampled_from(["\n# stub: ", "a ", '"', "\n  s.name = ", "\n  s.licenses = [", "%q{", "}", "\x00"])))
def test_any_text_is_read_or_an_error(parts: list[str]) -> None:
    try:
        parse("".join(parts).encode())
    except ValueError:
        return
