"""Which packages own files: of the operating system, of a language, or both."""

from agent.databases import load
from agent.host.root import HostRoot
from agent.inventory.ownership import Belonging, Known, ownership, present
from tests.agent.inventory.belonging.looking import metadata
from tests.hosts.trees import plant, stanza

SITE = "usr/lib/python3/dist-packages"
INFO = "var/lib/dpkg/info"


def look(folder, files, asked, packages=()):
    plant(folder, files)
    gaps = []
    root = HostRoot(str(folder))
    return ownership(root, present(root, gaps.append), asked, gaps.append, packages), gaps


def debian(**lists):
    files = {"var/lib/dpkg/status": b"".join(stanza(name.replace("_", "-"), "2.0-1") for name in lists)}
    files.update(
        {
            f"{INFO}/{name.replace('_', '-')}.list": "".join(f"{path}\n" for path in paths).encode()
            for name, paths in lists.items()
        }
    )
    return files


def test_a_file_of_both_counts_for_both(tmp_path):
    metadata_path = f"/{SITE}/six-1.16.egg-info"
    files = {
        **debian(python3_six=[f"/{SITE}/six.py", metadata_path], libc6=["/lib/libc.so.6"]),
        f"{SITE}/six-1.16.egg-info": metadata("six", "1.16").encode(),
        f"{SITE}/other-1.egg-info": metadata("other", "1").encode(),
    }
    found, gaps = look(tmp_path, files, {f"/{SITE}/six.py": False})
    six = f"/{SITE}/six-*.egg-info#pypi/six"
    assert found.files == {f"/{SITE}/six.py": (Belonging("dpkg/python3-six:amd64", None), Belonging(six, None))}
    assert found.packages == {
        "dpkg/python3-six:amd64": Known("python3-six", "2.0-1", None),
        six: Known("six", "1.16", metadata_path),
    }
    assert gaps == []


def test_what_belongs_to_nobody_is_said_to(tmp_path):
    found, _ = look(tmp_path, debian(libc6=["/lib/libc.so.6"]), {"/opt/own": True})
    assert found.files == {"/opt/own": ()}
    assert found.packages == {}


def test_merged_directories_are_resolved(tmp_path):
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    found, _ = look(tmp_path, debian(libc6=["/lib/libc.so.6"]), {"/usr/lib/libc.so.6": False})
    assert found.files["/usr/lib/libc.so.6"] == (Belonging("dpkg/libc6:amd64", None),)


def test_packages_are_told_of_that_are_asked_for_and_installed(tmp_path):
    found, _ = look(tmp_path, debian(libc6=[]), {}, ("dpkg/libc6:amd64", "dpkg/gone:amd64"))
    assert found.packages == {"dpkg/libc6:amd64": Known("libc6", "2.0-1", None)}


def test_databases_are_found_by_their_marks(tmp_path):
    plant(tmp_path, debian(libc6=[]))
    assert present(HostRoot(str(tmp_path)), lambda _: None) == [load("dpkg")]
