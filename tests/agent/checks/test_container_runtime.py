from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks import container_runtime
from tests.hosts.judged import outcome

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

UNITS = "usr/lib/systemd/system"
RULES = "etc/audit/rules.d/docker.rules"
DOCKER: Files = {f"{UNITS}/docker.service": b"[Service]\nExecStart=/usr/bin/dockerd -H fd://\n"}
CONTAINERD: Files = {f"{UNITS}/containerd.service": b"[Service]\nExecStart=/usr/bin/containerd\n"}
CRIO: Files = {f"{UNITS}/crio.service": b"[Service]\nExecStart=/usr/bin/crio\n"}
GROUP = b"root:x:0:\ndocker:x:998:\n"


def daemon(json: str, arguments: str = "") -> Files:
    """Give daemon.json, and arguments of dockerd."""
    unit = f"[Service]\nExecStart=/usr/bin/dockerd {arguments}\n".encode()
    return {f"{UNITS}/docker.service": unit, "etc/docker/daemon.json": json.encode()}


def containerd(text: str) -> Files:
    """Give the configuration of containerd."""
    return {**CONTAINERD, "etc/containerd/config.toml": text.encode()}


def owned(name: str, path: str, there: Files, mode: int) -> list[tuple[str, Files, str]]:
    """Give the rows of the two checks of a file."""
    return [
        (f"{name}_owner", {**there, path: (b"{}", mode)}, "pass"),
        (f"{name}_owner", {**there, path: (b"{}", mode, 1000, 0)}, "fail"),
        (f"{name}_mode", {**there, path: (b"{}", mode)}, "pass"),
        (f"{name}_mode", {**there, path: (b"{}", mode | 0o002)}, "fail"),
    ]


def audited(name: str, path: str) -> list[tuple[str, Files, str]]:
    """Give the rows of the check of an audit rule."""
    there = {**DOCKER, **CONTAINERD, path: b""}
    return [
        (f"audit_rules_{name}", {**there, RULES: f"-w /{path} -p wa -k docker\n".encode()}, "pass"),
        (f"audit_rules_{name}", there, "fail"),
    ]


TLS = '{"hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true, "tlscacert": "/a", "tlscert": "/b", "tlskey": "/c"}'
SKIPS = '[plugins."io.containerd.grpc.v1.cri".registry.configs."x.org".tls]\n  insecure_skip_verify = %s # no\n'

ROWS: list[tuple[str, Files, str]] = [
    ("mount_var_lib_docker", {**DOCKER, "etc/fstab": b"/dev/sdb /var/lib/docker xfs defaults 0 0\n"}, "pass"),
    ("mount_var_lib_docker", {**DOCKER, "etc/fstab": b""}, "fail"),
    *((f"docker_{name}_reviewed", DOCKER, "manual") for name in ("host", "version", "rootless", "base_size")),
    ("docker_group_trusted", {**DOCKER, "etc/group": GROUP}, "pass"),
    ("docker_group_trusted", {**DOCKER, "etc/group": GROUP.replace(b"998:", b"998:bob")}, "manual"),
    *audited("dockerd", "usr/bin/dockerd"),
    *audited("docker_service", f"{UNITS}/docker.service"),
    *audited("docker_socket", "run/docker.sock"),
    *audited("containerd_socket", "run/containerd/containerd.sock"),
    *audited("default_docker", "etc/default/docker"),
    *audited("daemon_json", "etc/docker/daemon.json"),
    *audited("containerd_config", "etc/containerd/config.toml"),
    *audited("sysconfig_docker", "etc/sysconfig/docker"),
    *audited("containerd", "usr/bin/containerd"),
    *audited("containerd_shim", "usr/bin/containerd-shim"),
    *audited("containerd_shim_runc_v1", "usr/bin/containerd-shim-runc-v1"),
    *audited("containerd_shim_runc_v2", "usr/bin/containerd-shim-runc-v2"),
    *audited("runc", "usr/bin/runc"),
    *(
        row
        for name, path in (
            ("run_containerd", "run/containerd/"),
            ("etc_docker", "etc/docker/"),
            ("var_lib_docker", "var/lib/docker/"),
        )
        for row in (
            (f"audit_rules_{name}", {**DOCKER, path: (b"", 0o755), RULES: f"-w /{path} -k docker\n".encode()}, "pass"),
            (f"audit_rules_{name}", {**DOCKER, path: (b"", 0o755)}, "fail"),
            (f"audit_rules_{name}", DOCKER, "not applicable"),
        )
    ),
    ("docker_icc", daemon('{"icc": false}'), "pass"),
    ("docker_icc", daemon("{}", "--icc=false"), "pass"),
    ("docker_icc", daemon("{}"), "fail"),
    ("docker_log_level", daemon("{}"), "pass"),
    ("docker_log_level", daemon('{"log-level": "debug"}'), "fail"),
    ("docker_log_level", daemon("{}", "--log-level debug"), "fail"),
    ("docker_iptables", daemon("{}"), "pass"),
    ("docker_iptables", daemon('{"iptables": false}'), "fail"),
    ("docker_no_insecure_registries", daemon('{"insecure-registries": []}'), "pass"),
    ("docker_no_insecure_registries", daemon('{"insecure-registries": ["10.0.0.0/8"]}'), "fail"),
    ("docker_no_insecure_registries", daemon("{}", "--insecure-registry 10.0.0.0/8"), "fail"),
    ("docker_no_aufs", daemon("{}"), "pass"),
    ("docker_no_aufs", daemon('{"storage-driver": "aufs"}'), "fail"),
    ("docker_tls", daemon("{}", "-H fd://"), "pass"),
    ("docker_tls", daemon(TLS), "pass"),
    ("docker_tls", daemon(TLS.replace("true", "false")), "fail"),
    ("docker_tls", daemon("{}", "-H fd:// -H tcp://0.0.0.0:2375"), "fail"),
    ("docker_ulimits", daemon('{"default-ulimits": {"nofile": {"Name": "nofile", "Hard": 64000}}}'), "fail"),
    ("docker_ulimits", daemon("{}", "--default-ulimit nofile=64000"), "pass"),
    ("docker_user_namespaces", daemon('{"userns-remap": "default"}'), "pass"),
    ("docker_user_namespaces", daemon("{}"), "fail"),
    ("docker_cgroup_parent", daemon("{}"), "pass"),
    ("docker_cgroup_parent", daemon('{"cgroup-parent": "/x"}'), "fail"),
    ("docker_authorization", daemon('{"authorization-plugins": ["opa"]}'), "pass"),
    ("docker_authorization", daemon("{}"), "fail"),
    ("docker_log_driver", daemon('{"log-driver": "syslog"}'), "pass"),
    ("docker_log_driver", daemon("{}"), "fail"),
    ("docker_no_new_privileges", daemon('{"no-new-privileges": true}'), "pass"),
    ("docker_no_new_privileges", daemon("{}"), "fail"),
    ("docker_no_new_privileges", daemon("{}", "--no-new-privileges"), "pass"),
    ("docker_live_restore", daemon('{"live-restore": true}'), "pass"),
    ("docker_live_restore", daemon("{}"), "fail"),
    ("docker_no_userland_proxy", daemon('{"userland-proxy": false}'), "pass"),
    ("docker_no_userland_proxy", daemon("{}"), "fail"),
    ("docker_seccomp", daemon("{}"), "pass"),
    ("docker_seccomp", daemon('{"seccomp-profile": "unconfined"}'), "fail"),
    ("docker_no_experiments", daemon("{}"), "pass"),
    ("docker_no_experiments", daemon('{"experimental": true}'), "fail"),
    ("docker_icc", daemon("not json"), "error"),
    ("docker_icc", {}, "not applicable"),
    *owned("docker_service", f"{UNITS}/docker.service", {}, 0o644),
    *owned("docker_socket_unit", f"{UNITS}/docker.socket", DOCKER, 0o644),
    *owned("etc_docker", "etc/docker/", DOCKER, 0o755),
    *owned("docker_registry_certificates", "etc/docker/certs.d/x.org/ca.crt", DOCKER, 0o444),
    *owned("docker_ca", "a", daemon(TLS), 0o444),
    *owned("docker_certificate", "b", daemon(TLS), 0o444),
    *owned("docker_key", "c", daemon(TLS), 0o400),
    *owned("docker_socket", "run/docker.sock", DOCKER, 0o660),
    *owned("docker_daemon_json", "etc/docker/daemon.json", DOCKER, 0o644),
    *owned("default_docker", "etc/default/docker", DOCKER, 0o644),
    *owned("sysconfig_docker", "etc/sysconfig/docker", DOCKER, 0o644),
    *owned("containerd_socket", "run/containerd/containerd.sock", CONTAINERD, 0o660),
    *owned("containerd_config", "etc/containerd/config.toml", CONTAINERD, 0o644),
    *owned("containerd_service", f"{UNITS}/containerd.service", {}, 0o644),
    *owned("crio_socket", "run/crio/crio.sock", CRIO, 0o660),
    *owned("crio_config", "etc/crio/crio.conf.d/10.conf", CRIO, 0o644),
    *owned("crio_service", f"{UNITS}/crio.service", {}, 0o644),
    ("docker_socket_owner", {**DOCKER, "run/docker.sock": (b"", 0o660, 0, 998), "etc/group": GROUP}, "pass"),
    ("containerd_no_insecure_registries", containerd(SKIPS % "false"), "pass"),
    ("containerd_no_insecure_registries", containerd(SKIPS % "true"), "fail"),
    ("containerd_no_insecure_registries", DOCKER, "not applicable"),
    ("containerd_seccomp", containerd('[plugins.cri]\nunset_seccomp_profile = ""\n'), "pass"),
    ("containerd_seccomp", containerd('[plugins.cri]\nunset_seccomp_profile = "unconfined"\n'), "fail"),
    ("containerd_apparmor", containerd("[plugins.cri]\n# disable_apparmor = true\n"), "pass"),
    ("containerd_apparmor", containerd("[plugins.cri]\ndisable_apparmor=true\n"), "fail"),
    ("crio_seccomp", {**CRIO, "etc/crio/crio.conf": b'[crio.runtime]\nseccomp_profile = ""\n'}, "pass"),
    ("crio_seccomp", {**CRIO, "etc/crio/crio.conf": b"[crio.runtime]\nseccomp_profile = 'unconfined'\n"}, "fail"),
    ("crio_apparmor", {**CRIO, "etc/crio/crio.conf": b"[crio.runtime]\n"}, "pass"),
    (
        "crio_apparmor",
        {**CRIO, "etc/crio/crio.conf.d/1.conf": b'[crio.runtime]\napparmor_profile="unconfined"\n'},
        "fail",
    ),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_host_has_the_verdict_that_its_runtimes_give_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    assert outcome(root, check, files).verdict == verdict


def test_every_check_has_a_row_of_each_kind() -> None:
    verdicts = {check.id: {row[2] for row in ROWS if row[0] == check.id} for check in container_runtime.CHECKS}
    assert [name for name, found in verdicts.items() if found != {"manual"} and not {"pass"} < found] == []
