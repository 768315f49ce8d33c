"""agent/config/values.py: what each kind of setting takes and what it refuses."""

from __future__ import annotations

import pytest

from agent.config.values import parse
from agent.model import keys

KEYS = {key.name: key for key in keys.KEYS}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("root", "/", "/"),
        ("root", "/srv/a b", "/srv/a b"),
        ("log_level", "debug", "debug"),
        ("host.enabled", "True", True),
        ("host.enabled", "false", False),
        ("host.every", "10s", 10),
        ("host.every", "15m", 900),
        ("host.every", "30d", 2_592_000),
        ("delivery.splay", "0s", 0),
        ("backend.url", "https://a.example", "https://a.example"),
        ("backend.url", "https://a.example:8443/in/", "https://a.example:8443/in"),
        ("backend.url", "http://localhost:8080", "http://localhost:8080"),
        ("backend.url", "http://127.0.0.53", "http://127.0.0.53"),
        ("backend.url", "http://[::1]:8080", "http://[::1]:8080"),
        ("backend.proxy", "http://user:word@proxy.example:3128", "http://user:word@proxy.example:3128"),
        ("backend.token", "a-b_c.d", "a-b_c.d"),
        ("labels", "", ()),
        ("labels", "b=2,a=1,", ("a=1", "b=2")),
        ("labels", "a=x=y", ("a=x=y",)),
        ("labels", (("team", "Infra und Betrieb"),), ("team=Infra und Betrieb",)),
        ("packages.parts", "all", ()),
        ("packages.parts", "node, dpkg", ("dpkg", "node")),
        ("proc", None, None),
    ],
)
def test_a_right_value_is_taken(name: str, text, value: object) -> None:
    assert parse(KEYS[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("root", ""),
        ("root", "srv"),
        ("root", "/srv\n/etc"),
        ("root", "/\0"),
        ("root", "/" + 4096 * "x"),
        ("root", None),
        ("log_level", "INFO"),
        ("packages.parts", "dpkg,cobol"),
        ("packages.parts", ""),
        ("host.enabled", "yes"),
        ("host.enabled", "1"),
        ("host.every", "900"),
        ("host.every", "9s"),
        ("host.every", "31d"),
        ("host.every", "1.5h"),
        ("host.every", "-1h"),
        ("host.every", "\u0661m"),
        ("host.every", "99999999999d"),
        ("backend.url", "backend.example"),
        ("backend.url", "http://backend.example"),
        ("backend.url", "http://localhost.example"),
        ("backend.url", "http://127.example"),
        ("backend.url", "http://127.0.0.1.example"),
        ("backend.url", "ftp://localhost"),
        ("backend.url", "https://user@backend.example"),
        ("backend.url", "https://backend.example?x=1"),
        ("backend.url", "https://backend.example#x"),
        ("backend.url", "https://backend.example:99999"),
        ("backend.url", "https://[::1"),
        ("backend.url", "https://"),
        ("backend.url", "https://a b"),
        ("backend.proxy", "socks5://proxy.example"),
        ("backend.token", ""),
        ("backend.token", "two words"),
        ("labels", "team"),
        ("labels", "team="),
        ("labels", "=x"),
        ("labels", "-team=x"),
        ("labels", "a b=x"),
        ("labels", "a=1,a=2"),
        ("labels", "a=\x1b[31m"),
        ("labels", "a=" + 254 * "x"),
        ("labels", ",".join(f"a{n}=1" for n in range(65))),
        ("labels", (("a", "1"), ("a", "2"))),
        ("labels", None),
    ],
)
def test_a_wrong_value_is_refused_with_what_was_expected(name: str, text) -> None:
    with pytest.raises(ValueError, match=r"^expected "):
        parse(KEYS[name], text)


@pytest.mark.parametrize("key", [key for key in KEYS.values() if key.kind in ("secret", "proxy", "url", "file")])
def test_what_may_be_a_secret_is_not_repeated(key) -> None:
    with pytest.raises(ValueError) as refused:
        parse(key, "hunter2 hunter2")
    assert "hunter2" not in str(refused.value)
