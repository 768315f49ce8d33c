"""The command: what it prints, what it refuses, and its exit codes."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys

import pytest


def run(*arguments, environment=None, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "backend.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.getcwd(), **(environment or {})},
    )


def refusal(*arguments, **options):
    ended = run(*arguments, **options)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1), ended.stderr
    return ended.stderr


def test_a_token_is_printed_once_and_the_default_store_is_a_private_file_in_the_current_folder(tmp_path):
    ended = run("token", "create", "join", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("st-join-")
    assert stat.S_IMODE((tmp_path / "stocktake-backend.sqlite").stat().st_mode) == 0o600


def test_the_store_can_come_from_the_environment(tmp_path):
    run("token", "list", environment={"STOCKTAKE_BACKEND_STORE": f"sqlite:///{tmp_path}/other"})
    assert (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("nonsense", "not a URL"),
        ("mysql://x/y", "mysql is not supported"),
        ("nosuch://x/y", "nosuch is not supported"),
        ("sqlite://", "would forget"),
        ("sqlite:////nonexistent/store", "unable to open"),
        ("postgresql://someone:verysecret@127.0.0.1:1/x", "check that it is there"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why_and_no_password(store, said):
    error = refusal("token", "list", "--store", store)
    assert said in error
    assert "verysecret" not in error


def test_a_store_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "text").write_bytes(b"not a database " * 100)
    assert "not a database" in refusal("token", "list", "--store", f"sqlite:///{tmp_path}/text")


def test_a_store_of_another_version_is_refused(tmp_path):
    import sqlite3

    store = f"sqlite:///{tmp_path}/store"
    run("token", "list", "--store", store)
    with sqlite3.connect(tmp_path / "store") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    assert "schema 99" in refusal("token", "list", "--store", store)


@pytest.mark.parametrize("listen", ["", "8750", "127.0.0.1:", ":1", "127.0.0.1:99999", "127.0.0.1:x"])
def test_an_address_that_is_none_is_refused(tmp_path, listen):
    assert "expected HOST:PORT" in refusal("serve", "--listen", listen, cwd=tmp_path)


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "[::]:0"])
def test_other_machines_are_not_served_without_tls(tmp_path, listen):
    assert "--tls-cert" in refusal("serve", "--listen", listen, cwd=tmp_path)


def test_an_address_in_use_is_refused(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        error = refusal("serve", "--listen", f"127.0.0.1:{taken.getsockname()[1]}", cwd=tmp_path)
    assert "choose another" in error


def test_a_certificate_that_is_none_is_refused(tmp_path):
    (tmp_path / "x.pem").write_bytes(b"nothing")
    assert "x.pem" in refusal("serve", "--listen", "127.0.0.1:0", "--tls-cert", "x.pem", cwd=tmp_path)
    assert "y.pem" in refusal("serve", "--listen", "127.0.0.1:0", "--tls-cert", "y.pem", cwd=tmp_path)


def test_a_preset_token_that_is_too_short_is_refused_and_not_shown(tmp_path):
    error = refusal("serve", cwd=tmp_path, environment={"STOCKTAKE_BACKEND_JOIN_TOKEN": "tooshort"})
    assert "join token" in error
    assert "tooshort" not in error


def test_wrong_usage_ends_with_2(tmp_path):
    assert run("token", "create", "agent", cwd=tmp_path).returncode == 2
    assert run(cwd=tmp_path).returncode == 2


def test_tls_is_offered(own_backend):
    import ssl

    folder = own_backend.folder
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "1",
    ]
    names = ["-subj", "/CN=localhost", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "backend.cli", "serve", "--listen", "0.0.0.0:0", "--store", own_backend.store),
            *("--tls-cert", f"{folder}/cert.pem", "--tls-key", f"{folder}/key.pem"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        line = process.stdout.readline()
        assert line.startswith("listening on https://0.0.0.0:")
        context = ssl.create_default_context(cafile=f"{folder}/cert.pem")
        plain = socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2])))
        with plain, context.wrap_socket(plain, server_hostname="localhost") as secured:
            secured.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert secured.recv(100).startswith(b"HTTP/1.1 200")
        process.terminate()
        assert process.wait(20) == 0
