from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import modularity
from agent.collectors.packages.facts import Known
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.model.records import Gap, ModuleStream
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Known(UNKNOWN, ())
MODULES = "etc/dnf/modules.d"


def test_streams_are_told_with_their_state_and_profiles(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {
            f"{MODULES}/nodejs.module": b"[nodejs]\nname=nodejs\nstream=18\nprofiles=minimal, common\nstate=enabled\n",
            f"{MODULES}/perl.module": b"[perl]\nname=perl\nprofiles=\nstate=disabled\nstream=\n",
            f"{MODULES}/php.module": b"[php]\nstream=8.1\n",
            f"{MODULES}/note.txt": b"[x]\n",
        },
    )
    assert take(tmp_path) == [
        ModuleStream("nodejs", "18", "enabled", ("common", "minimal")),
        ModuleStream("perl", None, "disabled", ()),
        ModuleStream("php", "8.1", "", ()),
    ]


def test_a_host_without_modules_has_none(tmp_path: Path) -> None:
    assert take(tmp_path) == []


def test_a_file_that_cannot_be_read_is_a_gap_and_the_next_is_read(tmp_path: Path) -> None:
    plant(tmp_path, {f"{MODULES}/b.module": b"[b]\n", f"{MODULES}/a.module": b"x" * 100_000})
    unread, found = take(tmp_path)
    assert isinstance(unread, Gap)
    assert (unread.subject, unread.reason, unread.hides) == (f"/{MODULES}/a.module", "limit", "module/")
    assert found == ModuleStream("b", None, "", ())


def take(root: Path) -> list[object]:
    return list(modularity.facts(open_host(str(root)), KNOWN))
