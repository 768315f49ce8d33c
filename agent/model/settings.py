"""Every setting: its name, type, default and help, in one place.

`config example`, `config show` and the README's table are generated from here. The environment variable
of a setting is STOCKTAKE_ and its name in capitals, with _ for the dot.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from agent.model.parts import PARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

DIRECTORY = "directory"
FILE = "file"
URL = "url"
PROXY = "proxy"
SECRET = "secret"  # noqa: S105 - the name of a type of setting
TEXT = "text"
DURATION = "duration"
LABELS = "labels"
SWITCH = "switch"
CHOICE = "choice"
NAMES = "names"

KIND_HELP = {
    DIRECTORY: "the absolute path of a directory",
    FILE: "the absolute path of a file",
    URL: "an https:// address, or http:// to this machine alone",
    PROXY: "an http:// or https:// address",
    SECRET: "text without white space",
    TEXT: "one line of text",
    DURATION: "a number with s, m, h or d behind it, for example 15m",
    LABELS: "names with values, for example environment: production",
    SWITCH: "true or false",
}


class Key(NamedTuple):
    """What is known of a setting before it has a value.

    name: Name in the configuration file, with a dot for each level.
    attribute: Name of the field of Settings.
    kind: Type, one of the constants above.
    default: Value without configuration.
    help: One line for people.
    choices: For a choice or for names, what may be chosen.
    least, most: For a duration, its bounds in seconds.
    """

    name: str
    attribute: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...]
    least: int
    most: int

    @property
    def variable(self) -> str:
        """Name of the environment variable that sets it."""
        return "STOCKTAKE_" + self.name.upper().replace(".", "_")

    @property
    def expected(self) -> str:
        """What a value must be, for messages."""
        if self.kind == CHOICE:
            return "one of " + ", ".join(self.choices)
        if self.kind == NAMES:
            return "all, or with commas between them some of " + ", ".join(self.choices)
        if self.kind == DURATION:
            return f"{KIND_HELP[DURATION]}, from {self.least} s to {self.most} s"
        return KIND_HELP[self.kind]


def _setting(
    name: str,
    kind: str,
    default: T,
    text: str,
    *,
    choices: tuple[str, ...] = (),
    least: int = 1,
    most: int = 86400 * 30,
) -> T:
    metadata = {"name": name, "kind": kind, "help": text, "choices": choices, "least": least, "most": most}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """The agent's settings, checked; see keys() for what each means."""

    state_dir: str = _setting(
        "state_dir",
        DIRECTORY,
        "/var/lib/stocktake",
        "Where the agent keeps its identity, snapshots and status; no other user may write there.",
    )
    root: str = _setting("root", DIRECTORY, "/", "The tree of the host to look at; /host in a DaemonSet.")
    proc: str | None = _setting(
        "proc",
        DIRECTORY,
        None,
        "The host's process file system; without it /proc for the root /, else <root>/proc where processes are there.",
    )
    labels: tuple[str, ...] = _setting(
        "labels", LABELS, (), "Labels of the host, for example environment, team and criticality."
    )
    log_level: str = _setting(
        "log_level", CHOICE, "info", "How much the daemon logs.", choices=("error", "warning", "info", "debug")
    )
    sink: str = _setting("delivery.sink", CHOICE, "backend", "Where reports go.", choices=("backend", "file", "stdout"))
    sink_path: str | None = _setting(
        "delivery.path", FILE, None, "For the file sink: the file that reports are appended to."
    )
    heartbeat: int = _setting("delivery.heartbeat", DURATION, 900, "Time between two heartbeats.", least=10)
    splay: int = _setting(
        "delivery.splay", DURATION, 300, "Longest random wait of the first report after a start.", least=0
    )
    backend_url: str | None = _setting("backend.url", URL, None, "Address of the backend; without it nothing is sent.")
    backend_ca: str | None = _setting(
        "backend.ca",
        FILE,
        None,
        "PEM file of the authorities that sign the backend's certificate; the system's own by default.",
    )
    backend_proxy: str | None = _setting(
        "backend.proxy",
        PROXY,
        None,
        "Proxy to reach the backend through; proxy variables of the environment are not used.",
    )
    backend_token: str | None = _setting("backend.token", SECRET, None, "Token of this agent; better given as a file.")
    backend_token_file: str | None = _setting(
        "backend.token_file", FILE, None, "File that holds the token of this agent, read anew when it is refused."
    )
    backend_join_token: str | None = _setting(
        "backend.join_token", SECRET, None, "Token that lets an agent enrol itself once; better given as a file."
    )
    backend_join_token_file: str | None = _setting(
        "backend.join_token_file", FILE, None, "File that holds the join token."
    )
    host_enabled: bool = _setting("host.enabled", SWITCH, True, "Whether the section host is collected.")
    host_every: int = _setting("host.every", DURATION, 3600, "Time between two collections of it.", least=10)
    packages_enabled: bool = _setting("packages.enabled", SWITCH, True, "Whether the section packages is collected.")
    packages_every: int = _setting("packages.every", DURATION, 3600, "Time between two collections of it.", least=10)
    packages_parts: tuple[str, ...] = _setting(
        "packages.parts", NAMES, (), "Which parts of the section packages are collected.", choices=tuple(PARTS)
    )
    packages_walk_every: int = _setting(
        "packages.walk_every",
        DURATION,
        6 * 3600,
        "Time between two walks over the file tree for packages of languages and programs that no package owns.",
        least=0,
    )
    ports_enabled: bool = _setting("ports.enabled", SWITCH, True, "Whether the section ports is collected.")
    ports_every: int = _setting("ports.every", DURATION, 600, "Time between two collections of it.", least=10)


def keys() -> Iterator[Key]:
    """Give every setting in the order in which people read them."""
    for declared in fields(Settings):
        meta = declared.metadata
        yield Key(
            meta["name"],
            declared.name,
            meta["kind"],
            declared.default,
            meta["help"],
            meta["choices"],
            meta["least"],
            meta["most"],
        )


def sections(settings: Settings) -> dict[str, int]:
    """Give the enabled sections with the seconds between two collections of each."""
    names = [key.name.partition(".")[0] for key in keys() if key.name.endswith(".enabled")]
    return {name: getattr(settings, f"{name}_every") for name in names if getattr(settings, f"{name}_enabled")}
