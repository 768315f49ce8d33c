"""What is told of every setting: its name, type and help; its default is in agent.model.settings.

`config example`, `config show` and the README's table are generated from here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from agent.model.parts import PARTS
from agent.model.settings import Settings

DIRECTORY = "directory"
FILE = "file"
URL = "url"
PROXY = "proxy"
LISTEN = "listen"
SECRET = "secret"  # noqa: S105 - the name of a type of setting
DURATION = "duration"
LABELS = "labels"
SWITCH = "switch"
CHOICE = "choice"
NAMES = "names"
TREES = "trees"
PATTERNS = "patterns"

NOTHING_GIVEN = "default"
"""What is written for an empty list of trees or patterns."""

KIND_HELP = {
    DIRECTORY: "the absolute path of a directory",
    FILE: "the absolute path of a file",
    URL: "an https:// address, or http:// to this machine alone",
    PROXY: "an http:// or https:// address",
    LISTEN: "an address and a port, for example 127.0.0.1:9754 or [::1]:9754",
    SECRET: "text without white space",
    DURATION: "a number with s, m, h or d behind it, for example 15m",
    LABELS: "names with values, for example environment: production",
    SWITCH: "true or false",
    TREES: "default, or a list of absolute paths in which * stands for any characters of a name, each with a depth from 1 "
    "to 64 behind a colon where not all below it is meant, for example [/etc, /home/*/.ssh, /opt:2]; as text with commas between them, which then cannot be part of a path",
    PATTERNS: "default, or a list of absolute paths in which * stands for any characters of a name and the name ** for "
    "any number of names, for example [/srv/*/cache, /opt/**/*.log]; as text with commas between them, which then "
    "cannot be part of a path",
}


BENCHMARKS = (
    *("auto", "debian12", "ubuntu2404", "rhel9", "debian11", "debian13", "ubuntu2204", "rhel8", "amazon2023"),
    *("kubernetes_node", "container_runtime"),
)
"""What compliance.benchmark may be; the benchmarks themselves are in agent.checks.engine.published."""


class Key(NamedTuple):
    """What is known of a setting before it has a value.

    name: Name in the configuration file, with a dot for each level.
    attribute: Name of the field of Settings.
    kind: Type, one of the constants above.
    help: One line for people.
    choices: For a choice or for names, what may be chosen.
    least, most: For a duration, its bounds in seconds.
    """

    name: str
    attribute: str
    kind: str
    help: str
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 86400 * 30

    @property
    def default(self) -> Any:
        """Value without configuration."""
        return Settings._field_defaults[self.attribute]

    @property
    def variable(self) -> str:
        """Name of the environment variable that sets it: STOCKTAKE_ and the name in capitals, with _ for the dot."""
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


KEYS = (
    Key(
        "state_dir",
        "state_dir",
        DIRECTORY,
        "Where the agent keeps its identity, snapshots and status; no other user may write there.",
    ),
    Key("root", "root", DIRECTORY, "The tree of the host to look at; /host in a DaemonSet."),
    Key(
        "proc",
        "proc",
        DIRECTORY,
        "The host's process file system; without it /proc for the root /, else <root>/proc where processes are there.",
    ),
    Key("labels", "labels", LABELS, "Labels of the host, for example environment, team and criticality."),
    Key("log_level", "log_level", CHOICE, "How much the daemon logs.", choices=("error", "warning", "info", "debug")),
    Key("delivery.sink", "sink", CHOICE, "Where reports go.", choices=("backend", "file", "stdout")),
    Key("delivery.path", "sink_path", FILE, "For the file sink: the file that reports are appended to."),
    Key("delivery.heartbeat", "heartbeat", DURATION, "Time between two heartbeats.", least=10),
    Key("delivery.splay", "splay", DURATION, "Longest random wait of the first report after a start.", least=0),
    Key(
        "metrics.file",
        "metrics_file",
        FILE,
        "File that the daemon's own numbers are written to after each job, for node_exporter's textfile collector.",
    ),
    Key(
        "metrics.listen",
        "metrics_listen",
        LISTEN,
        "Where /metrics and /healthz are answered over HTTP, without asking who asks; nowhere by default.",
    ),
    Key("backend.url", "backend_url", URL, "Address of the backend; without it nothing is sent."),
    Key(
        "backend.ca",
        "backend_ca",
        FILE,
        "PEM file of the authorities that sign the backend's certificate; the system's own by default.",
    ),
    Key(
        "backend.certificate",
        "backend_certificate",
        FILE,
        "PEM file of the agent's own certificate with its chain, where the backend asks for one.",
    ),
    Key(
        "backend.key",
        "backend_key",
        FILE,
        "PEM file of the private key to it; not needed when the certificate's file holds it.",
    ),
    Key(
        "backend.proxy",
        "backend_proxy",
        PROXY,
        "Proxy to reach the backend through; proxy variables of the environment are not used.",
    ),
    Key("backend.token", "backend_token", SECRET, "Token of this agent; better given as a file."),
    Key(
        "backend.token_file",
        "backend_token_file",
        FILE,
        "File that holds the token of this agent, read anew when it is refused.",
    ),
    Key(
        "backend.join_token",
        "backend_join_token",
        SECRET,
        "Token that lets an agent enrol itself once; better given as a file.",
    ),
    Key("backend.join_token_file", "backend_join_token_file", FILE, "File that holds the join token."),
    Key(
        "cloud.metadata",
        "cloud_metadata",
        SWITCH,
        "Whether the metadata service of EC2, GCE or Azure is asked who the instance is, where the firmware says that it is one.",
    ),
    Key("host.enabled", "host_enabled", SWITCH, "Whether the section host is collected."),
    Key("host.every", "host_every", DURATION, "Time between two collections of it.", least=10),
    Key("packages.enabled", "packages_enabled", SWITCH, "Whether the section packages is collected."),
    Key("packages.every", "packages_every", DURATION, "Time between two collections of it.", least=10),
    Key(
        "packages.parts",
        "packages_parts",
        NAMES,
        "Which parts of the section packages are collected.",
        choices=tuple(PARTS),
    ),
    Key(
        "packages.walk_every",
        "packages_walk_every",
        DURATION,
        "Time between two walks over the file tree for packages of languages and programs that no package owns.",
        least=0,
    ),
    Key("ports.enabled", "ports_enabled", SWITCH, "Whether the section ports is collected."),
    Key("ports.every", "ports_every", DURATION, "Time between two collections of it.", least=10),
    Key("integrity.enabled", "integrity_enabled", SWITCH, "Whether the section integrity is collected."),
    Key("integrity.every", "integrity_every", DURATION, "Time between two collections of it.", least=10),
    Key(
        "integrity.trees",
        "integrity_trees",
        TREES,
        "Which trees are watched, below the root; default stands for those that suit the distribution.",
    ),
    Key(
        "integrity.excludes",
        "integrity_excludes",
        PATTERNS,
        "What is left out of them with all below it, beside what is left out by default.",
    ),
    Key(
        "integrity.reread_every",
        "integrity_reread_every",
        DURATION,
        "Time over which the reading anew of all files that look unchanged is spread.",
        least=3600,
        most=86400 * 90,
    ),
    Key(
        "integrity.changes_kept",
        "integrity_changes_kept",
        DURATION,
        "How long changes and events stay in the section; the backend keeps them on.",
        least=3600,
        most=86400 * 90,
    ),
    Key(
        "integrity.watch",
        "integrity_watch",
        SWITCH,
        "Whether a process watches changes as they happen, and who makes them.",
    ),
    Key("containers.enabled", "containers_enabled", SWITCH, "Whether the section containers is collected."),
    Key(
        "containers.every",
        "containers_every",
        DURATION,
        "Time between two looks at which containers run; one that finds the same ones costs next to nothing.",
        least=10,
    ),
    Key("usage.enabled", "usage_enabled", SWITCH, "Whether the section usage is collected."),
    Key("usage.every", "usage_every", DURATION, "Time between two collections of it.", least=10),
    Key(
        "usage.watch",
        "usage_watch",
        SWITCH,
        "Whether a process watches which files are opened in containers; without it only what is open or mapped at a look is seen.",
    ),
    Key("compliance.enabled", "compliance_enabled", SWITCH, "Whether the section compliance is collected."),
    Key("compliance.every", "compliance_every", DURATION, "Time between two collections of it.", least=10),
    Key(
        "compliance.benchmark",
        "compliance_benchmark",
        CHOICE,
        "Benchmark that is applied; auto for the one of the distribution.",
        choices=BENCHMARKS,
    ),
    Key("compliance.level", "compliance_level", CHOICE, "Level of it.", choices=("1", "2")),
    Key("compliance.profile", "compliance_profile", CHOICE, "Profile of it.", choices=("server", "workstation")),
    Key(
        "compliance.tailoring",
        "compliance_tailoring",
        FILE,
        "File that says which checks are skipped, waived, changed or added.",
    ),
)
"""Every setting in the order in which people read them, which is that of Settings."""
