"""What processes tell of files."""

from agent.collectors.usage.evidence import FileUse, groups_of
from tests.agent.collectors.usage.making import groups, mapped, process


def uses(*args, **kwargs):
    (group,) = groups(process(*args, **kwargs))
    return {use.path: use for use in group.uses}


def test_the_program_is_executed_what_else_is_in_memory_mapped_and_what_is_open_opened():
    found = uses(executable="/bin/a", files=[mapped("/bin/a", 1), mapped("/lib/b.so", 2)], opened=["/app/c.jar"])
    assert {path: use.grade for path, use in found.items()} == {
        "/bin/a": "executed",
        "/lib/b.so": "mapped",
        "/app/c.jar": "opened",
    }


def test_a_program_is_executed_although_nothing_of_it_is_mapped_any_more():
    assert uses(executable="/bin/a (deleted)")["/bin/a"] == FileUse("/bin/a", "executed", None, True, True)


def test_a_file_that_is_mapped_as_code_and_as_data_is_code():
    found = uses(files=[mapped("/x/data", 2, executable=False), mapped("/x/data", 2, executable=True)])
    assert found["/x/data"] == FileUse("/x/data", "mapped", "fd:00/2", True, False)


def test_data_is_no_code_but_what_is_named_like_code_is():
    found = uses(files=[mapped("/x/locale", 2, executable=False), mapped("/x/a.jar", 3, executable=False)])
    assert (found["/x/locale"].code, found["/x/a.jar"].code) == (False, True)


def test_the_mark_of_a_deleted_file_is_no_part_of_its_path():
    assert uses(files=[mapped("/lib/b.so (deleted)", 2)])["/lib/b.so"].deleted


def test_forked_workers_are_one_group_and_others_are_not():
    files = frozenset((mapped("/bin/a"),))
    scopes = groups_of(
        [process(1, files=files), process(2, files=files), process(3, files=files, scope="box"), process(4)]
    )
    assert {scope: [len(group.processes) for group in found] for scope, found in scopes.items()} == {
        "host": [2, 1],
        "box": [1],
    }
