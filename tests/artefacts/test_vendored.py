"""What is brought along works on every Python, and trusts whom the system trusts."""

import ssl
import subprocess
import sys

import pytest

from tests.matrix.test_interpreters import VERSIONS, interpreter, vendored


@pytest.mark.parametrize("version", VERSIONS)
def test_every_part_can_be_imported(version):
    names = "certifi, charset_normalizer, daemon, distro, idna, lockfile, psutil, requests, schedule, urllib3, yaml"
    script = f"import sys; sys.path.insert(0, {str(vendored())!r}); import {names}; print(psutil.cpu_count() > 0, yaml.safe_load('a: 1'))"
    command = [interpreter(version), "-I", "-S", "-W", "error", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == "True {'a': 1}\n", done.stderr


def test_the_authorities_are_those_of_the_system():
    script = f"import sys; sys.path.insert(0, {str(vendored())!r}); import certifi; print(certifi.where())"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == ssl.get_default_verify_paths().openssl_cafile
