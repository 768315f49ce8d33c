"""Files of Python distributions: by RECORD, by top-level names, by what vendors them."""

import pytest

from agent.inventory.belonging.python import source_of
from tests.agent.inventory.belonging.looking import Looking, metadata

SITE = "venv/lib/python3.11/site-packages"


@pytest.fixture
def site(tmp_path):
    return Looking(
        tmp_path,
        {
            f"{SITE}/used-1.0.dist-info/METADATA": metadata("used"),
            f"{SITE}/used-1.0.dist-info/RECORD": "used/__init__.py,,\nused/deep/a.py,,\n../../../bin/used,,\n",
            f"{SITE}/six-1.16.dist-info/METADATA": metadata("six", "1.16"),
            f"{SITE}/six-1.16.dist-info/RECORD": "six.py,,\n__pycache__/six.cpython-311.pyc,,\n",
            f"{SITE}/google_auth-2.0.dist-info/METADATA": metadata("google-auth", "2.0"),
            f"{SITE}/google_auth-2.0.dist-info/RECORD": "google/auth/__init__.py,,\n",
            f"{SITE}/protobuf-4.0.dist-info/METADATA": metadata("protobuf", "4.0"),
            f"{SITE}/protobuf-4.0.dist-info/RECORD": "google/protobuf/__init__.py,,\n",
            f"{SITE}/old-0.9.egg-info/PKG-INFO": metadata("old", "0.9"),
            f"{SITE}/old-0.9.egg-info/top_level.txt": "old\nold_tools\n",
            f"{SITE}/setuptools-65.dist-info/METADATA": metadata("setuptools", "65"),
            f"{SITE}/setuptools-65.dist-info/RECORD": "setuptools/__init__.py,,\nsetuptools/_vendor/packaging/x.py,,\n",
            f"{SITE}/setuptools/_vendor/packaging-21.dist-info/METADATA": metadata("packaging", "21"),
            f"{SITE}/setuptools/_vendor/packaging-21.dist-info/RECORD": "packaging/x.py,,\n",
        },
    )


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("used/deep/__pycache__/a.cpython-311.opt-1.pyc", [("used", "1.0")]),
        ("used/_fast.cpython-311-x86_64-linux-gnu.so", [("used", "1.0")]),
        ("six.py", [("six", "1.16")]),
        ("__pycache__/six.cpython-311.pyc", [("six", "1.16")]),
        ("google/auth/__pycache__/__init__.cpython-311.pyc", [("google-auth", "2.0")]),
        ("google/protobuf/__init__.py", [("protobuf", "4.0")]),
        ("google/other/__init__.py", []),
        ("old/a.py", [("old", "0.9")]),
        ("old_tools.py", [("old", "0.9")]),
        ("setuptools/_vendor/packaging/x.py", [("packaging", "21"), ("setuptools", "65")]),
        ("nobody.py", []),
        ("__pycache__/nobody.cpython-311.pyc", []),
    ],
)
def test_a_file_belongs_to_what_lists_it_or_lists_the_directory_around_it(site, file, names):
    assert site.names(f"/{SITE}/{file}") == names
    assert site.gaps == []


def test_a_command_belongs_to_the_distribution_that_installed_it(site):
    assert site.names("/venv/bin/used", executed=True) == [("used", "1.0")]
    assert site.names("/venv/bin/other", executed=True) == []


def test_the_key_is_that_of_the_section_packages(site):
    (part,) = site.belongings.parts(f"/{SITE}/six.py", False)
    assert part.package.key == f"/{SITE}/six-*.dist-info/METADATA#pypi/six"
    assert part.through is None


def test_two_versions_in_one_place_are_numbered_as_the_walk_numbers_them(tmp_path):
    files = {}
    for version in ("1.0", "2.0"):
        files[f"a/twice-{version}.dist-info/METADATA"] = metadata("twice", version)
        files[f"a/twice-{version}.dist-info/RECORD"] = f"twice_{version[0]}/__init__.py,,\n"
    looking = Looking(tmp_path, files)
    keys = [
        part.package.key
        for name in ("twice_1", "twice_2")
        for part in looking.belongings.parts(f"/a/{name}/x.py", False)
    ]
    assert keys == ["/a/twice-*.dist-info/METADATA#pypi/twice", "/a/twice-*.dist-info/METADATA~2#pypi/twice"]


def test_a_distribution_that_lists_nothing_is_left_to_who_owns_the_file(tmp_path):
    looking = Looking(tmp_path, {"usr/lib/python3/dist-packages/single-1.egg-info": metadata("single", "1")})
    path = "/usr/lib/python3/dist-packages/single.py"
    assert looking.names(path) == []
    assert [package.name for package in looking.belongings.unlisted(path)] == ["single"]


def test_metadata_is_read_once_for_all_files_around_it(site):
    site.names(f"/{SITE}/used/deep/a.py")
    reads = len(site.observed)
    for number in range(50):
        site.names(f"/{SITE}/used/deep/{number}.py")
    assert len(site.observed) == reads


def test_metadata_that_is_no_file_is_a_gap_and_no_block(tmp_path):
    import os

    folder = tmp_path / SITE / "evil-1.dist-info"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "METADATA")
    looking = Looking(tmp_path, {})
    assert looking.names(f"/{SITE}/evil.py") == []
    assert [gap.reason for gap in looking.gaps] == ["not_a_file"]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/a/__pycache__/b.cpython-311.pyc", "/a/b.py"),
        ("/a/__pycache__/b.cpython-311.opt-2.pyc", "/a/b.py"),
        ("/a/__pycache__/b.pypy39.pyc", "/a/b.pypy39.py"),
        ("/a/b.pyc", "/a/b.py"),
        ("/a/b.py", "/a/b.py"),
        ("/a/b.so", "/a/b.so"),
    ],
)
def test_what_was_compiled_is_named_after_its_source(path, source):
    assert source_of(path) == source
