"""What packages call a library of another version."""

import pytest

from agent.formats.soname import shorter


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/lib/libxml2.so.2.9.14", ("/lib/libxml2.so.2.9", "/lib/libxml2.so.2", "/lib/libxml2.so")),
        ("/lib/libssl.so.3", ("/lib/libssl.so",)),
        ("/lib/plugin.so", ()),
        ("/bin/program", ()),
    ],
)
def test_the_names_with_less_of_the_version_come_the_longest_first(path, names):
    assert shorter(path) == names
