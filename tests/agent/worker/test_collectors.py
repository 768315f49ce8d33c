"""agent/worker/collectors.py: sections are found by their file names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent.model.settings import Settings
from agent.model.settings import sections as enabled
from agent.worker.collectors import load, sections, wants
from tests.agent.worker.processes import TEN_RECORDS


def test_every_section_that_can_be_enabled_has_a_collector_and_no_other_has() -> None:
    everything = Settings()._replace(**{name: True for name in Settings._fields if name.endswith("_enabled")})
    assert sections() == tuple(sorted(enabled(everything)))


@pytest.mark.parametrize("section", sections())
def test_a_collector_says_what_it_needs_and_reads(section: str) -> None:
    spec = load(section).SPEC
    assert spec.summary
    assert spec.reads()
    assert 0 < spec.memory <= 64
    assert 0 < spec.seconds <= 600  # a first scan of file integrity reads gigabytes


@pytest.mark.parametrize("name", ["nope", "", ".", "..", "host.x", "../host", "ho st", "\0"])
def test_a_section_that_there_is_not_is_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        load(name)


def test_a_collector_that_cannot_be_loaded_is_not_taken_for_a_missing_one(collectors) -> None:
    (collectors.folder / "broken.py").write_text("import no_such_module\n")
    asking = (
        "import sys, agent.collectors; agent.collectors.__path__.append(sys.argv[1])\n"
        "from agent.worker.collectors import load\n"
        "try: load('broken')\n"
        "except ModuleNotFoundError as error: print(error.name)"
    )
    command = [sys.executable, "-I", "-c", asking, collectors.folder]
    assert subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout == "no_such_module\n"


def test_a_file_beside_ours_is_a_section(workers, collectors) -> None:
    collectors.add("added", TEN_RECORDS)
    assert workers.run("collect", "added").line["count"] == 10


def test_only_enabled_sections_want_privileges() -> None:
    assert set(wants(Settings(ports_enabled=False))) == {
        "compliance",
        "containers",
        "host",
        "packages",
        "integrity",
        "usage",
    }
    assert {want.capability for want in wants(Settings())["ports"]} == {"cap_sys_ptrace", "cap_dac_read_search"}
