from __future__ import annotations

from typing import TYPE_CHECKING

from agent.collectors.packages import rpm_repositories
from agent.collectors.packages.facts import Known
from agent.databases.distribution import UNKNOWN
from agent.host import open_host
from agent.model.codec import encode
from agent.model.records import Gap, Repository
from tests.hosts.trees import plant

if TYPE_CHECKING:
    from pathlib import Path

    from agent.model.records import Record

KNOWN = Known(UNKNOWN, ())
DOCKER = b"""\
[docker-ce-stable]
name=Docker CE Stable - $basearch
baseurl=https://bob:s3cr3t@download.example.org/linux/centos/$releasever
enabled=1
gpgcheck=1
password=s3cr3t

[docker-ce-test]
enabled=False
[docker-ce-odd]
enabled=perhaps
"""


def test_repositories_are_told_by_their_ids_and_whether_they_are_used(tmp_path: Path) -> None:
    zypp = b"[repo-oss]\nname=Main\nenabled=1\nbaseurl=https://example.org/s3cr3t\n"
    files = {
        "etc/yum.repos.d/docker.repo": DOCKER,
        "etc/zypp/repos.d/oss.repo": zypp,
        "etc/yum.repos.d/a.repo.off": zypp,
    }
    records = take(plant(tmp_path, {**files, "etc/yum.repos.d/main.repo": b"[main]\n[epel]\nname=EPEL\n"}))
    assert records == [
        repository("docker-ce-stable", True),
        repository("docker-ce-test", False),
        repository("docker-ce-odd", None),
        repository("epel", True),
        repository("repo-oss", True),
    ]
    assert not any(b"s3cr3t" in b"".join(encode(record)) for record in records)


def test_a_host_without_repositories_has_none(tmp_path: Path) -> None:
    assert take(tmp_path) == []


def test_a_file_that_is_no_file_is_a_gap_and_the_next_is_read(tmp_path: Path) -> None:
    (tmp_path / "etc/yum.repos.d/a.repo").mkdir(parents=True)
    unread, found = take(plant(tmp_path, {"etc/yum.repos.d/b.repo": b"[b]\n"}))
    assert isinstance(unread, Gap)
    assert (unread.subject, unread.reason, unread.hides) == ("/etc/yum.repos.d/a.repo", "not_a_file", "repository/rpm/")
    assert found == repository("b", True)


def repository(name: str, enabled: bool | None) -> Repository:
    return Repository("rpm", name, None, None, None, enabled, None)


def take(root: Path) -> list[Record]:
    return list(rpm_repositories.facts(open_host(str(root)), KNOWN))
