"""The settings of the agent with their defaults; what each of them means is told in agent.model.keys."""

from __future__ import annotations

from typing import NamedTuple


class Settings(NamedTuple):
    """The agent's settings, checked."""

    state_dir: str = "/var/lib/stocktake"
    root: str = "/"
    proc: str | None = None
    labels: tuple[str, ...] = ()
    log_level: str = "info"
    sink: str = "backend"
    sink_path: str | None = None
    heartbeat: int = 900
    splay: int = 300
    metrics_file: str | None = None
    metrics_listen: str | None = None
    backend_url: str | None = None
    backend_ca: str | None = None
    backend_certificate: str | None = None
    backend_key: str | None = None
    backend_proxy: str | None = None
    backend_token: str | None = None
    backend_token_file: str | None = None
    backend_join_token: str | None = None
    backend_join_token_file: str | None = None
    cloud_metadata: bool = True
    host_enabled: bool = True
    host_every: int = 3600
    packages_enabled: bool = True
    packages_every: int = 3600
    packages_parts: tuple[str, ...] = ()
    packages_walk_every: int = 6 * 3600
    ports_enabled: bool = True
    ports_every: int = 600
    integrity_enabled: bool = True
    integrity_every: int = 3600
    integrity_trees: tuple[str, ...] = ()
    integrity_excludes: tuple[str, ...] = ()
    integrity_reread_every: int = 7 * 86400
    integrity_changes_kept: int = 7 * 86400
    integrity_watch: bool = True
    containers_enabled: bool = True
    containers_every: int = 30
    usage_enabled: bool = True
    usage_every: int = 600
    usage_watch: bool = True
    compliance_enabled: bool = True
    compliance_every: int = 6 * 3600
    compliance_benchmark: str = "auto"
    compliance_level: str = "1"
    compliance_profile: str = "server"
    compliance_tailoring: str | None = None
    compliance_tailored: str | None = None


def sections(settings: Settings) -> dict[str, int]:
    """Give the enabled sections with the seconds between two collections of each."""
    names = [field.removesuffix("_enabled") for field in Settings._fields if field.endswith("_enabled")]
    return {name: getattr(settings, f"{name}_every") for name in names if getattr(settings, f"{name}_enabled")}
