"""What is code, and who runs it."""

import pytest

from agent.inventory.code import DOTNET, JAVA, NATIVE, NODE, PERL, PHP, PYTHON, RUBY, language, languages_run_by


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", PYTHON),
        ("/x/__pycache__/a.cpython-311.pyc", PYTHON),
        ("/x/index.mjs", NODE),
        ("/x/json.rb", RUBY),
        ("/x/autoload.php", PHP),
        ("/x/Foo.pm", PERL),
        ("/x/App.JAR", JAVA),
        ("/x/System.Runtime.dll", DOTNET),
        ("/lib/libssl.so.3", NATIVE),
        ("/lib/libxml2.so.2.9.14", NATIVE),
        ("/x/_cffi.cpython-311-x86_64-linux-gnu.so", NATIVE),
        ("/x/six-1.16.dist-info/METADATA", None),
        ("/x/six-1.16.dist-info/RECORD", None),
        ("/x/node_modules/y/package.json", None),
        ("/x/specifications/y.gemspec", None),
        ("/usr/bin/program", None),
        ("/x/notes.so.txt", None),
        ("/x/.py/data", None),
    ],
)
def test_code_is_told_from_metadata_by_its_name(name, expected):
    assert language(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"python3.11", {PYTHON}),
        (b"libpython3.11.so.1.0", {PYTHON}),
        (b"node", {NODE}),
        (b"nodejs", {NODE}),
        (b"ruby3.1", {RUBY}),
        (b"libruby-3.1.so.3.1", {RUBY}),
        (b"php-fpm8.2", {PHP}),
        (b"libphp8.2.so", {PHP}),
        (b"libperl.so.5.36", {PERL}),
        (b"java", {JAVA}),
        (b"libjvm.so", {JAVA}),
        (b"grep", set()),
        (b"tar", set()),
        (b"libc.so.6", set()),
    ],
)
def test_programs_and_libraries_run_languages_by_their_names(name, expected):
    assert languages_run_by(name) == expected
