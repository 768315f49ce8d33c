from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding
from agent.model.records import Gap
from tests.agent.inventory.languages.walking import findings, one, take
from tests.hosts.kept import run

needs_gem = pytest.mark.skipif(not shutil.which("gem"), reason="gem is not installed")
SPECIFICATION = """\
Gem::Specification.new do |s|
  s.name = "{0}"
  s.version = "{1}"
  s.licenses = {2}
  s.summary = "a gem"
  s.authors = ["A"]
  s.files = []
  s.bindir = "exe"
  s.executables = {3}
  s.platform = "{4}"
end
"""
OLD = b"""\
# -*- encoding: utf-8 -*-

Gem::Specification.new do |s|
  s.name = %q{tea}
  s.version = "1.2"
  s.licenses = ["MIT"]
end
"""
SYSTEM = ("/usr/lib/ruby", "/usr/share/rubygems-integration", "/var/lib/gems")


def build(
    folder: Path, name: str, version: str, licenses: str = "[]", executables: str = "[]", more: str = "ruby"
) -> Path:
    """Build a gem; more is its platform."""
    source = folder / f"{name}-source"
    (source / "exe").mkdir(parents=True)
    for command in re.findall(r'"(.*?)"', executables):
        (source / "exe" / command).write_text("#!/usr/bin/env ruby\n")
    (source / "a.gemspec").write_text(SPECIFICATION.format(name, version, licenses, executables, more))
    run("gem", "build", "a.gemspec", "--force", "--output", folder / f"{name}.gem", cwd=source)
    return folder / f"{name}.gem"


def gem_list(environment: dict[str, str]) -> list[tuple[str, str]]:
    """Give what gem says is installed; versions after default: are those of Ruby itself."""
    listed = []
    for line in run("gem", "list", "--local", "--all", environment={**os.environ, **environment}).splitlines():
        name, _, versions = line.partition(" ")
        listed += [
            (name, version.split()[-1]) for version in re.sub(r"default: |[()]| [a-z]\S+", "", versions).split(", ")
        ]
    return sorted(listed)


@needs_gem
def test_a_home_of_gems_has_what_gem_lists(tmp_path: Path) -> None:
    home = tmp_path / "home"
    gems = [
        build(tmp_path, "tea", "1.2.3", '["MIT", "Ruby"]', '["tea", "pot"]'),
        build(tmp_path, "cup", "2.0.pre1", '["Apache-2.0"]'),
        build(tmp_path, "mill", "0.1", more="x86_64-linux"),
    ]
    for gem in gems:
        run("gem", "install", "--local", "--no-document", "--force", "--install-dir", home, gem)
    told = findings(take("ruby", home))
    ours = sorted((finding.name, finding.version) for finding in told)
    assert set(ours) <= set(gem_list({"GEM_HOME": str(home), "GEM_PATH": str(home)}))
    assert ours == [("cup", "2.0.pre1"), ("mill", "0.1"), ("tea", "1.2.3")]
    by_name = {finding.name: finding for finding in told}
    assert (by_name["tea"].license, by_name["tea"].license_form) == ("MIT, Ruby", "text")
    assert (by_name["cup"].license, by_name["cup"].license_form) == ("Apache-2.0", "spdx")
    assert by_name["mill"].license is None
    assert {"/gems/tea-1.2.3/", "/bin/tea", "/bin/pot"} <= set(by_name["tea"].claims)
    assert (home / "bin/tea").is_file()
    assert by_name["mill"].claims == ("/gems/mill-0.1-x86_64-linux/",)
    assert (home / "gems/mill-0.1-x86_64-linux").is_dir()


@needs_gem
def test_this_machine_has_what_gem_lists() -> None:
    tops = [*map(Path, SYSTEM), *Path("/usr/lib").glob("*-linux-gnu*/rubygems-integration")]
    told = [finding for top in tops for finding in findings(take("ruby", top, Path("/")))]
    assert sorted({(finding.name, finding.version) for finding in told}) == gem_list({})


def test_a_specification_without_a_stub_line_is_read_by_its_assignments(tmp_path: Path) -> None:
    [told] = one("ruby", tmp_path, "lib/ruby/gems/1.8/specifications/tea-1.2.gemspec", OLD)
    path = "/lib/ruby/gems/1.8"
    claims = (f"{path}/gems/tea-1.2/",)
    assert told == Finding("gem", None, "tea", "1.2", "MIT", "spdx", f"{path}/specifications/tea-1.2.gemspec", claims)


def test_commands_lie_in_the_prefix_of_ruby_or_where_debian_puts_them(tmp_path: Path) -> None:
    content = OLD.replace(b"\nend", b'\n  s.executables = ["tea".freeze, "../x"]\nend')
    [told] = one("ruby", tmp_path, "opt/lib/ruby/gems/3.1.0/specifications/default/tea-1.2.gemspec", content)
    assert isinstance(told, Finding)
    assert told.claims == ("/opt/lib/ruby/gems/3.1.0/gems/tea-1.2/", "/opt/lib/ruby/gems/3.1.0/bin/tea", "/opt/bin/tea")
    [told] = one("ruby", tmp_path, "var/lib/gems/3.1.0/specifications/tea-1.2.gemspec", content)
    assert isinstance(told, Finding)
    assert told.claims == ("/var/lib/gems/3.1.0/gems/tea-1.2/", "/usr/local/bin/tea")


@pytest.mark.parametrize("path", ["srv/tea.gemspec", "gems/tea-1.2/tea.gemspec", "specifications/x/tea.gemspec"])
def test_the_specification_in_a_source_is_no_installed_gem(tmp_path: Path, path: str) -> None:
    assert one("ruby", tmp_path, path, OLD) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "malformed"),
        (b"# stub: tea\n", "malformed"),
        (b"\n# stub: te\x1ba 1.2 ruby lib\n", "malformed"),
        (b"\n# stub: " + b"a" * 1000 + b" 1 ruby lib\n", "malformed"),
        (b"\n# stub: tea 1 ruby lib\n" + b"#" * 5_000_000, "limit"),
    ],
)
def test_a_specification_that_cannot_be_read_is_one_gap(tmp_path: Path, content: bytes, reason: str) -> None:
    [told] = one("ruby", tmp_path, "specifications/a.gemspec", content)
    assert isinstance(told, Gap)
    assert (told.reason, told.hides) == (reason, "/specifications/a.gemspec")


LINES = st.sampled_from(
    ["# stub: a 1 ruby lib", "# stub: ", "  s.name = ", '"a"', '  s.licenses = ["', '"]', "%q{", "  "]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES), st.binary(max_size=100))
def test_whatever_a_specification_holds_it_gives_packages_or_gaps(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], more: bytes
) -> None:
    content = "\n".join(lines).encode() + more
    told = one("ruby", tmp_path_factory.mktemp("fuzz"), "specifications/a.gemspec", content)
    assert all(isinstance(told_of, (Finding, Gap)) for told_of in told)
