"""agent/config/files.py: which files are trusted, and what is said about each line that is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SECRET = "hunter2-of-the-tests"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "agent.yaml: is empty: give settings, or remove the file to take the defaults"),
        (b" \n\n", "agent.yaml: is empty: give settings, or remove the file to take the defaults"),
        (b"just words\n", "agent.yaml: expected names with values, such as state_dir: /var/lib/stocktake"),
        (b"root: /a\nlabels: [\n", "agent.yaml:3: expected YAML: expected the node content, but found '<stream end>'"),
        (b"root: /a\n\tproc: /b\n", "agent.yaml:2: expected YAML: found character '\\t' that cannot start any token"),
        (b"# \xc3\xa4\nroot: /\xff\n", "agent.yaml:2: expected YAML: characters that can be read"),
        (b"# \xc3\xa4\nroot: /\x07\n", "agent.yaml:2: expected YAML: characters that can be read"),
        (b"[" * 50_000, "agent.yaml: expected settings, found YAML that is nested too deep to be read"),
        (b"#" * (1 << 21), "agent.yaml: is longer than 1048576 bytes"),
        (b"? [a, b]\n: 1\n", "agent.yaml:1: expected a name before the colon"),
        (b"host:\n  ? [a]\n  : 1\n", "agent.yaml:2: host: expected a name before the colon"),
        (b"host: 5\n", "agent.yaml:1: host: expected names with values, indented below it"),
        (b"host:\n", "agent.yaml:1: host: expected names with values, indented below it"),
        (b"root: [/]\n", "agent.yaml:1: root: expected the absolute path of a directory"),
        (b"root: {a: /}\n", "agent.yaml:1: root: expected the absolute path of a directory"),
        (b"root:\n", "agent.yaml:1: root: expected the absolute path of a directory"),
        (b"root: |\n  /a\n  /b\n", "agent.yaml:1: root: expected the absolute path of a directory"),
        (b"host:\n  evry: 1h\n", "agent.yaml:2: host.evry: expected a known setting; did you mean host.every?"),
        (b"zzz: 1\n", "agent.yaml:1: zzz: expected a known setting"),
        (b"<<: {root: /}\n", "agent.yaml:1: <<: expected a known setting"),
        (b"root: /a\nproc: /p\nroot: /b\n", "agent.yaml:3: root: expected once, found again"),
        (b"host.every: 1h\nhost:\n  every: 2h\n", "agent.yaml:3: host.every: expected once, found again"),
        (b"labels: [a]\n", "agent.yaml:1: labels: expected names with values, for example environment: production"),
        (
            b"labels: {a: [1]}\n",
            "agent.yaml:1: labels: expected names with values, for example environment: production",
        ),
        (
            b"integrity:\n  trees:\n    - /etc\n    - opt\n",
            "agent.yaml:2: integrity.trees: expected a path that begins with /, found 'opt'",
        ),
        (
            b"integrity:\n  excludes: [/a/../b]\n",
            "agent.yaml:2: integrity.excludes: expected a path without empty names, . and .., found '/a/../b'",
        ),
        (
            b"integrity:\n  watch: true\n  reread_every: 30m\n",
            "agent.yaml:3: integrity.reread_every: expected a number with s, m, h or d behind it, for example 15m, "
            "from 3600 s to 7776000 s, found '30m'",
        ),
        (b"labels: {a: b, a: c}\n", "agent.yaml:1: labels: expected every label once, found 'a' again"),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else None,
)
def test_what_is_wrong_in_a_file_is_named_with_its_line(configuration, content: bytes, problem: str) -> None:
    configuration.write(content)
    assert configuration.problems() == [problem]


def test_a_file_of_comments_alone_takes_the_defaults(configuration) -> None:
    configuration.write("# nothing yet\n")
    assert configuration.load().sources == {}


def test_null_is_the_value_of_a_setting_that_has_none_by_default(configuration) -> None:
    configuration.write("proc: null\nbackend:\n  url:\n  ca: ~\n")
    configuration.load()
    configuration.write("log_level: null\n")
    assert configuration.problems() == ["agent.yaml:1: log_level: expected one of error, warning, info, debug"]


def test_a_text_that_yaml_would_make_a_number_or_a_switch_stays_the_text(configuration) -> None:
    configuration.write("labels:\n  release: 1.10\n  country: no\n  code: 007\n")
    assert configuration.load().settings.labels == ("code=007", "country=no", "release=1.10")


def test_aliases_that_multiply_without_end_are_refused_at_once(configuration) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    configuration.write("\n".join(lines))
    assert configuration.problems() == [f"agent.yaml:{n + 1}: a{n}: expected a known setting" for n in range(40)]


def test_an_alias_that_holds_itself_is_refused(configuration) -> None:
    configuration.write("host: &a\n  every: 1h\n  more: *a\nlabels: &b {x: *b}\n")
    assert configuration.problems() == [
        "agent.yaml:3: host.more: expected a known setting; did you mean host.every?",
        "agent.yaml:4: labels: expected names with values, for example environment: production",
    ]


def test_a_missing_file_is_refused(configuration) -> None:
    assert configuration.problems() == [f"{configuration.file.name}: cannot be read: No such file or directory"]


def test_a_directory_in_place_of_the_file_is_refused(configuration) -> None:
    configuration.file.mkdir()
    assert configuration.problems() == ["agent.yaml: is a directory, expected a file"]


def test_a_fifo_in_place_of_the_file_is_refused_without_waiting_for_a_writer(configuration) -> None:
    os.mkfifo(configuration.file)
    assert configuration.problems() == ["agent.yaml: is no regular file"]


def test_a_file_in_place_of_conf_d_is_refused(configuration) -> None:
    configuration.write("root: /\n")
    configuration.write("root: /\n", "conf.d")
    assert configuration.problems() == ["conf.d: cannot be listed: Not a directory"]


def test_a_file_that_everybody_may_write_is_refused(configuration) -> None:
    configuration.write("root: /\n").chmod(0o646)
    assert configuration.problems() == ["agent.yaml: is writable by others (mode 0646); run chmod go-w on it"]


def test_what_holds_for_the_file_holds_for_those_of_conf_d(configuration) -> None:
    configuration.write("root: /\n")
    configuration.write("root: /\n", "conf.d/a.yaml").chmod(0o666)
    assert configuration.problems() == ["conf.d/a.yaml: is writable by others (mode 0666); run chmod go-w on it"]


@as_root
def test_a_file_that_a_group_other_than_roots_may_write_is_refused(configuration) -> None:
    path = configuration.write("root: /\n")
    path.chmod(0o664)
    configuration.load()
    os.chown(path, 0, 4242)
    assert configuration.problems() == ["agent.yaml: is writable by others (mode 0664); run chmod go-w on it"]


@as_root
def test_a_file_of_another_user_is_refused(configuration) -> None:
    os.chown(configuration.write("root: /\n"), 4242, 0)
    assert configuration.problems() == [
        "agent.yaml: is owned by user 4242; it must be owned by root or the agent's user"
    ]


@as_root
def test_a_file_that_may_not_be_read_is_refused_with_the_reason(configuration) -> None:
    configuration.write("root: /\n").chmod(0o600)
    for folder in (configuration.folder, *configuration.folder.parents):
        if os.stat(folder).st_mode & 0o001 == 0:
            folder.chmod(0o711)
    asking = (
        "import os, sys, yaml; from agent.config import load; os.setuid(65534)\n"
        "try: load(sys.argv[1], {})\n"
        "except Exception as error: print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-c", asking, configuration.file], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert said == f"{configuration.file}: cannot be read: Permission denied\n"


@pytest.mark.parametrize(
    "line",
    [
        "token: {secret} {secret}",
        "token: [{secret}]",
        "token: {{{secret}: {secret}}}",
        "token: *{secret}",
        "token: !{secret}!x y",
        "token: '{secret}",
        "token: {secret}: {secret}",
        "token: |9{secret}",
        "token: |\n    {secret}\n    {secret}",
        "token_file: {secret}",
        "join_token_file: {secret}",
        "ca: {secret}",
        "url: https://user:{secret}@backend.example",
        "url: https://backend.example/?token={secret}",
        "url: https://backend.example:{secret}",
        "proxy: {secret}",
        "proxy: socks5://user:{secret}@proxy.example",
        "tokn: {secret}",
    ],
)
def test_no_refusal_quotes_a_secret(configuration, line: str) -> None:
    configuration.write("backend:\n  " + line.format(secret=SECRET) + "\n")
    assert SECRET not in "\n".join(configuration.problems())


def test_a_conf_d_that_others_can_write_to_is_refused(configuration) -> None:
    configuration.write("root: /\n")
    configuration.write("root: /\n", "conf.d/a.yaml").parent.chmod(0o777)
    assert configuration.problems() == ["conf.d: is writable by others (mode 0777); run chmod go-w on it"]
