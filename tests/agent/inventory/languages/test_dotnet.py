from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.inventory.languages import Finding
from agent.model.records import Gap
from tests.agent.inventory.languages.walking import one

if TYPE_CHECKING:
    from pathlib import Path

PATH = "srv/app/App.deps.json"
RID = ".NETCoreApp,Version=v8.0/linux-x64"
PACKAGE = {"serviceable": True, "sha512": "sha512-x", "path": "a/1", "hashPath": "a.nupkg.sha512"}
APPLICATION = {
    "runtimeTarget": {"name": RID, "signature": ""},
    "compilationOptions": {},
    "targets": {
        ".NETCoreApp,Version=v8.0": {},
        RID: {
            "App/1.0.0": {
                "dependencies": {"Newtonsoft.Json": "13.0.3"},
                "runtime": {"App.dll": {}},
            },
            "Newtonsoft.Json/13.0.3": {"runtime": {"lib/net6.0/Newtonsoft.Json.dll": {"assemblyVersion": "13.0.0.0"}}},
            "SQLitePCLRaw.lib.e_sqlite3/2.1.6": {
                "native": {"runtimes/linux-x64/native/libe_sqlite3.so": {"fileVersion": "0.0.0.0"}},
                "runtimeTargets": {
                    "runtimes/linux-arm64/native/libe_sqlite3.so": {"rid": "linux-arm64", "assetType": "native"},
                    "../../../etc/x": {},
                },
            },
            "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.11": {"native": {"createdump": {}}},
            "StyleCop.Analyzers/1.1.118": {"compileOnly": True},
            "Shared/1.0.0": {"runtime": {"Shared.dll": {}}},
        },
    },
    "libraries": {
        "App/1.0.0": {"type": "project", "serviceable": False, "sha512": ""},
        "Newtonsoft.Json/13.0.3": {"type": "package", **PACKAGE},
        "SQLitePCLRaw.lib.e_sqlite3/2.1.6": {"type": "package", **PACKAGE},
        "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.11": {"type": "runtimepack", "sha512": ""},
        "StyleCop.Analyzers/1.1.118": {"type": "package", **PACKAGE},
        "Shared/1.0.0": {"type": "project", "sha512": ""},
        "System.Reference/4.0.0.0": {"type": "reference", "sha512": ""},
    },
}
"""A self-contained application as the SDK publishes it (documentation/specs/runtime-configuration-file.md)."""


def test_an_application_tells_its_packages_its_runtime_and_its_projects(tmp_path: Path) -> None:
    told = one("dotnet", tmp_path, PATH, b"\xef\xbb\xbf" + json.dumps(APPLICATION).encode())
    sqlite = ("/srv/app/libe_sqlite3.so", "/srv/app/runtimes/linux-arm64/native/libe_sqlite3.so")
    runtime = ("/srv/app/createdump",)
    assert told == [
        Finding("generic", None, "App", "1.0.0", None, None, f"/{PATH}", ("/srv/app/App",)),
        Finding("nuget", None, "Newtonsoft.Json", "13.0.3", None, None, f"/{PATH}"),
        Finding("nuget", None, "SQLitePCLRaw.lib.e_sqlite3", "2.1.6", None, None, f"/{PATH}", sqlite),
        Finding("nuget", None, "Microsoft.NETCore.App.Runtime.linux-x64", "8.0.11", None, None, f"/{PATH}", runtime),
        Finding("generic", None, "Shared", "1.0.0", None, None, f"/{PATH}"),
    ]


def test_entries_that_are_no_libraries_are_one_gap_and_the_others_are_told(tmp_path: Path) -> None:
    package = {"type": "package"}
    libraries = {"a": package, "/1": package, "b/1": 5, "c/1\n": package, "d/1": package}
    told = one("dotnet", tmp_path, PATH, json.dumps({"libraries": libraries, "targets": 5}).encode())
    assert [type(told_of) for told_of in told] == [Gap, Finding]
    assert (told[0].reason, told[0].hides) == ("malformed", f"/{PATH}")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"libraries": []}', b'{"a":' * 100_000])
def test_a_file_that_cannot_be_read_is_one_gap(tmp_path: Path, content: bytes) -> None:
    [told] = one("dotnet", tmp_path, PATH, content)
    assert isinstance(told, Gap)
    assert (told.reason, told.hides) == ("malformed", f"/{PATH}")


KEYS = st.sampled_from(["a/1", "libraries", "targets", "type", "native", "runtimeTargets", "compileOnly", "package"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.just("package") | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
)


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, DOCUMENTS, st.binary(max_size=20))
def test_whatever_a_file_holds_it_gives_packages_or_gaps(
    tmp_path_factory: pytest.TempPathFactory, libraries: object, targets: object, more: bytes
) -> None:
    document = json.dumps({"libraries": libraries, "targets": targets})
    for content in (document.encode(), document.encode() + more, more):
        told = one("dotnet", tmp_path_factory.mktemp("fuzz"), PATH, content)
        assert all(isinstance(told_of, (Finding, Gap)) for told_of in told)
