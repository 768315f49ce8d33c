"""Signed repositories, made with a key for the test alone, and read by the real apt and dnf."""

import os
import shutil
import subprocess

import pytest

from tests.artefacts.built import ROOT, needed

APT = """Dir "{0}/apt";
Dir::State::status "{0}/apt/status";
Dir::Etc::sourcelist "{0}/apt/sources.list";
Dir::Etc::sourceparts "/nonexistent";
Dir::Etc::trusted "/nonexistent";
Dir::Etc::trustedparts "/nonexistent";
Dir::Etc::main "/nonexistent";
Dir::Etc::parts "/nonexistent";
APT::Architecture "amd64";
APT::Sandbox::User "root";
Acquire::Languages "none";
"""


@pytest.fixture(scope="module")
def published(dist, tmp_path_factory):
    for program in ("reprepro", "createrepo_c", "rpmsign", "gpg"):
        needed(program)
    folder = tmp_path_factory.mktemp("published")
    home = folder / "gnupg"
    home.mkdir(mode=0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    key = [
        "gpg",
        "--batch",
        "--passphrase",
        "",
        "--quick-generate-key",
        "throwaway@stocktake.example",
        "rsa3072",
        "sign",
        "1d",
    ]
    subprocess.run(key, env=environment, check=True, capture_output=True)
    packages = [path for path in dist.iterdir() if path.suffix in (".deb", ".rpm")]
    command = [ROOT / "packaging" / "repository", "throwaway@stocktake.example", folder / "public", *packages]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield folder / "public"
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False)


def apt(folder, *words):
    """Run apt with nothing of this machine's own settings."""
    return subprocess.run(
        ["apt-get", *words], env={**os.environ, "APT_CONFIG": f"{folder}/apt.conf"}, capture_output=True, text=True
    )


@pytest.fixture
def apt_of_a_host(published, tmp_path):
    for name in ("apt/var/lib/apt/lists/partial", "apt/var/cache/apt/archives/partial"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "apt/status").touch()
    (tmp_path / "apt.conf").write_text(APT.format(tmp_path))
    key = published / "stocktake.gpg"
    (tmp_path / "apt/sources.list").write_text(f"deb [signed-by={key}] file:{published}/apt stable main\n")
    return tmp_path


def test_apt_trusts_the_repository_by_its_key_alone(apt_of_a_host, published):
    done = apt(apt_of_a_host, "update")
    assert done.returncode == 0, done.stderr
    got = apt(apt_of_a_host, "download", "--print-uris", "stocktake", "stocktake-backend")
    assert "stocktake_" in got.stdout
    assert "stocktake-backend_" in got.stdout


def test_apt_refuses_a_repository_that_somebody_changed(apt_of_a_host, published, tmp_path):
    copied = tmp_path / "copied"
    shutil.copytree(published, copied)
    for name in ("InRelease", "Release"):
        path = copied / "apt/dists/stable" / name
        path.write_text(path.read_text().replace("Label: stocktake", "Label: somebody"))
    (tmp_path / "apt/sources.list").write_text(
        f"deb [signed-by={published}/stocktake.gpg] file:{copied}/apt stable main\n"
    )
    done = apt(apt_of_a_host, "update")
    assert done.returncode != 0
    assert "signature" in done.stderr.lower()


def test_a_package_of_the_rpm_repository_is_signed(published, tmp_path):
    database = tmp_path / "rpmdb"
    subprocess.run(["rpmkeys", "--dbpath", database, "--import", published / "stocktake.asc"], check=True)
    for package in (published / "rpm").glob("*.rpm"):
        checked = subprocess.run(["rpmkeys", "--dbpath", database, "-Kv", package], stdout=subprocess.PIPE, text=True)
        assert checked.returncode == 0, checked.stdout
        assert "Signature" in checked.stdout
        assert "NOKEY" not in checked.stdout


def test_dnf_finds_the_packages_by_the_signed_list(published, tmp_path):
    repository = [f"--repofrompath=stocktake,{published}/rpm", "--repo=stocktake", "--setopt=stocktake.repo_gpgcheck=1"]
    key = f"--setopt=stocktake.gpgkey=file://{published}/stocktake.asc"
    command = [
        needed("dnf"),
        "-q",
        "-y",
        f"--setopt=cachedir={tmp_path}",
        f"--installroot={tmp_path}/root",
        "--releasever=9",
    ]
    query = ["repoquery", "--qf", "%{name} %{arch}", "--forcearch=x86_64"]
    done = subprocess.run([*command, *repository, key, *query], capture_output=True, text=True)
    for keys in tmp_path.glob("**/pubring"):
        subprocess.run(["gpgconf", "--homedir", keys, "--kill", "all"], check=False)
    assert done.returncode == 0, done.stderr
    assert {"stocktake x86_64", "stocktake-backend noarch"} <= set(done.stdout.splitlines())
