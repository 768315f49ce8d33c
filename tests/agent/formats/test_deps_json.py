from __future__ import annotations

import json

import pytest

from agent.formats.deps_json import Library, parse


def libraries(listed: dict[str, object], **targets: dict[str, object]) -> list[Library | None]:
    return list(parse(json.dumps({"libraries": listed, "targets": targets}).encode()))


def test_a_library_is_a_name_a_version_and_a_kind() -> None:
    assert libraries({"A.B/1.0-rc.1": {"type": "package"}}) == [Library("A.B", "1.0-rc.1", "package", ())]


def test_the_mark_of_a_runtime_pack_is_no_part_of_its_name() -> None:
    [library] = libraries({"runtimepack.Microsoft.NETCore.App/8.0": {"type": "runtimepack"}})
    assert library == Library("Microsoft.NETCore.App", "8.0", "runtimepack", ())


def test_native_files_lie_beside_the_application_or_in_the_folder_of_their_runtime() -> None:
    brought = {"native": {"runtimes/linux-x64/native/a.so": {}}, "runtimeTargets": {"runtimes/osx/native/b.so": {}}}
    [library] = libraries({"A/1": {"type": "package"}}, net8={}, linux={"A/1": brought})
    assert library is not None
    assert library.files == ("a.so", "runtimes/osx/native/b.so")


def test_what_is_compiled_with_alone_is_left_out() -> None:
    assert libraries({"A/1": {"type": "package"}}, net8={"A/1": {"compileOnly": True}}) == []


@pytest.mark.parametrize("entry", [{"A": {"type": "package"}}, {"A/1": {}}, {"A/1": 5}, {"/1": {"type": "package"}}])
def test_an_entry_that_is_no_library_is_none(entry: dict[str, object]) -> None:
    assert libraries(entry) == [None]


@pytest.mark.parametrize("content", [b"{}", b"[]", b'{"libraries": 5}'])
def test_what_lists_no_libraries_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError):
        list(parse(content))
