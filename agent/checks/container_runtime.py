"""Checks of container runtimes on the host: Docker, containerd and CRI-O."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import audit_rules, manual, mount, presence, runtime
from agent.checks.predicates.combine import When
from agent.checks.sources import container_runtimes, docker
from agent.checks.sources.container_runtimes import CONTAINERD, CRIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule, Value
    from agent.checks.engine.system import System

    Paths = Callable[[System], Iterable[str]]

_DOCKER, _CONTAINERD, _CRIO = runtime.docker_there(), runtime.there(CONTAINERD), runtime.there(CRIO)
_RULES = "Write `-w PATH -p wa` to a file of /etc/audit/rules.d, and load it with `augenrules --load`."
_DAEMON = "Set it in /etc/docker/daemon.json, take contradicting arguments away, and restart Docker."
_ACCESS = "Use chown and chmod."
_ROOT = "Whoever can write it, or reach the daemon, is root on the host."


def _audited(name: str, path: str, applies: Rule = _DOCKER) -> Check:
    title = f"Changes to {path} are recorded"
    rule = partial(_watched, path)
    return Check(
        f"audit_rules_{name}", title, "Nobody could tell who changed what runs containers.", _RULES, rule, {}, applies
    )


def _watched(path: str) -> Rule:
    return When(presence.exists(path), audit_rules.watched((path,)))


def _daemon(name: str, title: str, why: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(f"docker_{name}", title, why, _DAEMON, rule, parameters, _DOCKER)


def _files(
    name: str, what: str, paths: Paths, mode: str, applies: Rule = _DOCKER, groups: tuple[str, ...] = ("root",)
) -> tuple[Check, Check]:
    """Give the check of the owner and that of the mode of some files."""
    owned, closed = partial(runtime.of_root, paths, what, groups), partial(runtime.closed, paths, what)
    return (
        Check(f"{name}_owner", f"{what}: root's and group {' or '.join(groups)}", _ROOT, _ACCESS, owned, {}, applies),
        Check(f"{name}_mode", f"{what}: mode {{mode}} or less", _ROOT, _ACCESS, closed, {"mode": mode}, applies),
    )


def _review(name: str, what: str, why: str, *where: str) -> Check:
    rule = partial(manual.review, what, where)
    return Check(f"docker_{name}_reviewed", what, why, "Look, and change what is not as wanted.", rule, {}, _DOCKER)


def _matching(*patterns: str) -> Paths:
    return lambda system: (path for pattern in patterns for path in system.root.glob(pattern))


def _unit(name: str) -> Paths:
    return lambda system: container_runtimes.unit_files(system, name)


def _named(key: str) -> Paths:
    return lambda system: docker.file_of(system, key)


def _toml(which: container_runtimes.Runtime) -> Paths:
    return lambda system: container_runtimes.config_files(system, which)


def _without(name: str, title: str, why: str, which: container_runtimes.Runtime, key: str, *refused: str) -> Check:
    applies = _CONTAINERD if which is CONTAINERD else _CRIO
    fix = f"Take it out of {which.files[0]} and its drop-ins, and restart {which.name}."
    return Check(name, title, why, fix, partial(runtime.without, which, key, refused), {}, applies)


_UNCONFINED = "Faults in a container reach the host."
_FORGED = "Whoever sits between the host and a registry gives it images of its own."

CHECKS = (
    _review("host", "The host of containers meets a benchmark of its own", _ROOT),
    _review("version", "Docker is the version that the site chose", "Faults that are known are used by others."),
    _review("rootless", "Docker runs without being root where it can", _ROOT, "/usr/lib/systemd/user/docker.service"),
    _review("base_size", "The size of a container's file system is as it was", "Limits differ from what is expected."),
    Check(
        id="mount_var_lib_docker",
        title="/var/lib/docker is a mount of its own",
        why="Images and logs of containers fill the file system that it shares.",
        fix="Give /var/lib/docker a file system of its own.",
        rule=partial(mount.separate, "/var/lib/docker"),
        applies=_DOCKER,
    ),
    Check(
        id="docker_group_trusted",
        title="Members of the group docker may be root",
        why=_ROOT,
        fix="Take those out of it who may not.",
        rule=partial(runtime.trusted, "docker"),
        applies=_DOCKER,
    ),
    _audited("dockerd", "/usr/bin/dockerd"),
    _audited("run_containerd", "/run/containerd"),
    _audited("var_lib_docker", "/var/lib/docker"),
    _audited("etc_docker", "/etc/docker"),
    _audited("docker_service", "/usr/lib/systemd/system/docker.service"),
    _audited("containerd_socket", "/run/containerd/containerd.sock"),
    _audited("docker_socket", "/run/docker.sock"),
    _audited("default_docker", "/etc/default/docker"),
    _audited("daemon_json", "/etc/docker/daemon.json"),
    _audited("containerd_config", "/etc/containerd/config.toml", _CONTAINERD),
    _audited("sysconfig_docker", "/etc/sysconfig/docker"),
    _audited("containerd", "/usr/bin/containerd", _CONTAINERD),
    _audited("containerd_shim", "/usr/bin/containerd-shim", _CONTAINERD),
    _audited("containerd_shim_runc_v1", "/usr/bin/containerd-shim-runc-v1", _CONTAINERD),
    _audited("containerd_shim_runc_v2", "/usr/bin/containerd-shim-runc-v2", _CONTAINERD),
    _audited("runc", "/usr/bin/runc"),
    _daemon(
        "icc",
        "Containers on the default bridge cannot reach each other",
        "A container that is taken over reaches all others.",
        partial(runtime.is_set, "icc", ("false",), "true"),
    ),
    _daemon(
        "log_level",
        "Docker logs what happens, and no more",
        "What happened is not recorded, or lost among messages for developers.",
        partial(runtime.is_set, "log-level", ("info",), "info"),
    ),
    _daemon(
        "iptables",
        "Docker may set the rules that its networks need",
        "Networks of containers are open, or do not work.",
        partial(runtime.is_not, "iptables", ("false",), "true"),
    ),
    _daemon(
        "no_insecure_registries",
        "Docker takes images over encrypted connections alone",
        _FORGED,
        partial(runtime.not_given, "insecure-registries", ("--insecure-registry",)),
    ),
    _daemon(
        "no_aufs",
        "Docker does not store images with aufs",
        "It is no longer kept up, and known to break kernels.",
        partial(runtime.is_not, "storage-driver", ("aufs",)),
    ),
    _daemon("tls", "Docker is reached over the network with certificates alone", _ROOT, runtime.over_tls),
    _daemon(
        "ulimits",
        "Docker limits what containers may use by default",
        "One container could use up the host.",
        partial(runtime.given, "default-ulimits", ("--default-ulimit",)),
    ),
    _daemon(
        "user_namespaces",
        "root in a container is nobody on the host",
        "Who breaks out of a container is root.",
        partial(runtime.given, "userns-remap"),
    ),
    _daemon(
        "cgroup_parent",
        "Containers are in the control group that Docker has for them",
        "Limits of others would hold for them, or none.",
        partial(runtime.not_given, "cgroup-parent"),
    ),
    _daemon(
        "authorization",
        "Docker asks whether a command is allowed",
        _ROOT,
        partial(runtime.given, "authorization-plugins", ("--authorization-plugin",)),
    ),
    _daemon(
        "log_driver",
        "Logs of containers are kept elsewhere",
        "Whoever becomes root can wipe all of them.",
        partial(runtime.is_not, "log-driver", ("json-file", "local", "none"), "json-file"),
    ),
    _daemon(
        "no_new_privileges",
        "Programs in containers get no rights by set-id bits",
        "A fault in one of them gives the rights of root in the container.",
        partial(runtime.is_set, "no-new-privileges", ("true",), "false"),
    ),
    _daemon(
        "live_restore",
        "Containers go on while Docker is restarted",
        "Updates of Docker are put off because they stop what runs.",
        partial(runtime.is_set, "live-restore", ("true",), "false"),
    ),
    _daemon(
        "no_userland_proxy",
        "Ports of containers are forwarded by the kernel",
        "One more program is reached from the network.",
        partial(runtime.is_set, "userland-proxy", ("false",), "true"),
    ),
    _daemon(
        "seccomp",
        "Docker filters the system calls of containers",
        _UNCONFINED,
        partial(runtime.is_not, "seccomp-profile", ("unconfined",)),
    ),
    _daemon(
        "no_experiments",
        "Docker runs without experimental features",
        "They are not tested for what must not fail.",
        partial(runtime.is_not, "experimental", ("true",), "false"),
    ),
    *_files("docker_service", "docker.service", _unit("docker.service"), "0644"),
    *_files("docker_socket_unit", "docker.socket", _unit("docker.socket"), "0644"),
    *_files("etc_docker", "/etc/docker", _matching("/etc/docker"), "0755"),
    *_files("docker_registry_certificates", "Certificates of registries", _matching("/etc/docker/certs.d/*/*"), "0444"),
    *_files("docker_ca", "The certificate of Docker's authority", _named("tlscacert"), "0444"),
    *_files("docker_certificate", "The certificate of Docker", _named("tlscert"), "0444"),
    *_files("docker_key", "The key of Docker", _named("tlskey"), "0400"),
    *_files("docker_socket", "The socket of Docker", _matching("/run/docker.sock"), "0660", groups=("docker", "root")),
    *_files("docker_daemon_json", "daemon.json", docker.config_files, "0644"),
    *_files("default_docker", "/etc/default/docker", _matching("/etc/default/docker"), "0644"),
    *_files("sysconfig_docker", "/etc/sysconfig/docker", _matching("/etc/sysconfig/docker"), "0644"),
    *_files(
        "containerd_socket",
        "The socket of containerd",
        _matching("/run/containerd/containerd.sock"),
        "0660",
        _CONTAINERD,
    ),
    *_files("containerd_config", "The configuration of containerd", _toml(CONTAINERD), "0644", _CONTAINERD),
    *_files("containerd_service", "containerd.service", _unit("containerd.service"), "0644", _CONTAINERD),
    _without(
        "containerd_no_insecure_registries",
        "containerd verifies the certificates of registries",
        _FORGED,
        CONTAINERD,
        "insecure_skip_verify",
        "true",
    ),
    _without(
        "containerd_seccomp",
        "containerd filters the system calls of containers",
        _UNCONFINED,
        CONTAINERD,
        "unset_seccomp_profile",
        "unconfined",
    ),
    _without(
        "containerd_apparmor",
        "containerd confines containers with AppArmor",
        _UNCONFINED,
        CONTAINERD,
        "disable_apparmor",
        "true",
    ),
    *_files("crio_socket", "The socket of CRI-O", _matching("/run/crio/crio.sock"), "0660", _CRIO),
    *_files("crio_config", "The configuration of CRI-O", _toml(CRIO), "0644", _CRIO),
    *_files("crio_service", "crio.service", _unit("crio.service"), "0644", _CRIO),
    _without(
        "crio_seccomp",
        "CRI-O filters the system calls of containers",
        _UNCONFINED,
        CRIO,
        "seccomp_profile",
        "unconfined",
    ),
    _without(
        "crio_apparmor", "CRI-O confines containers with AppArmor", _UNCONFINED, CRIO, "apparmor_profile", "unconfined"
    ),
)
