"""Checks of nodes of Kubernetes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from agent.checks.engine.check import Check
from agent.checks.predicates import kubelet
from agent.checks.predicates.combine import all_of
from agent.checks.sources import kube_proxy
from agent.checks.sources import kubelet as sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.checks.engine.check import Rule, Value
    from agent.checks.engine.system import System

    Paths = Callable[[System], Iterable[str]]

_NODE, _PROXY = kubelet.node(), kubelet.proxy()
_TRUST = "Whoever reads or writes it can act as the node, or decide what it runs."
_ACCESS = "Give it to root and group root with chown, and take rights away with chmod."
_CONFIG = (
    "Set it in the configuration of the kubelet or a drop-in of it, take contradicting arguments away, and restart it."
)
_STRONG = (
    *("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"),
    *("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    *("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    *("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"),
    *("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
)


def _certificate() -> Rule:
    return all_of(
        kubelet.given("tls-cert-file", "tlsCertFile"), kubelet.given("tls-private-key-file", "tlsPrivateKeyFile")
    )


def _access(name: str, what: str, paths: Paths, mode: str = "0600", applies: Rule = _NODE) -> tuple[Check, Check]:
    """Give the check of the mode and that of the owner of some files."""
    closed, owned = partial(kubelet.closed, paths, what), partial(kubelet.of_root, paths, what)
    title = f"The {what} is closed to others: mode {{mode}} or less"
    return (
        Check(f"kube_{name}_mode", title, _TRUST, _ACCESS, closed, {"mode": mode}, applies),
        Check(f"kube_{name}_owner", f"The {what} belongs to root and its group", _TRUST, _ACCESS, owned, {}, applies),
    )


def _set(name: str, title: str, why: str, rule: Callable[..., Rule], **parameters: Value) -> Check:
    return Check(f"kubelet_{name}", title, why, _CONFIG, rule, parameters, _NODE)


CHECKS = (
    *_access("kubelet_unit", "unit of the kubelet", kubelet.files_of_unit),
    *_access("proxy_kubeconfig", "kubeconfig of kube-proxy", kube_proxy.kubeconfigs, applies=_PROXY),
    *_access("kubelet_kubeconfig", "kubeconfig of the kubelet", sources.kubeconfigs),
    *_access("client_authorities", "file of authorities that the kubelet trusts", sources.client_authorities, "0644"),
    *_access("kubelet_config", "configuration of the kubelet", sources.config_files),
    _set(
        "no_anonymous",
        "The kubelet answers nobody who does not say who it is",
        "Whoever reaches its port can run commands in every pod.",
        partial(kubelet.is_set, "anonymous-auth", "authentication.anonymous.enabled", ("false",), "false", "true"),
    ),
    _set(
        "authorizes",
        "The kubelet asks whether a request is allowed",
        "Everybody who has any certificate of the cluster can run commands in every pod.",
        partial(kubelet.is_not, "authorization-mode", "authorization.mode", ("AlwaysAllow",), "Webhook", "AlwaysAllow"),
    ),
    _set(
        "client_ca",
        "The kubelet knows whose clients to trust",
        "It cannot tell the API server from others.",
        partial(kubelet.given, "client-ca-file", "authentication.x509.clientCAFile"),
    ),
    _set(
        "no_read_only_port",
        "The kubelet has no port that everybody may read",
        "What runs on the node, with what settings, is told to everybody.",
        partial(kubelet.is_set, "read-only-port", "readOnlyPort", ("0",), "0", "10255"),
    ),
    _set(
        "idle_timeout",
        "The kubelet ends connections on which nothing is sent",
        "Connections that nobody uses keep others out.",
        partial(
            kubelet.is_not,
            "streaming-connection-idle-timeout",
            "streamingConnectionIdleTimeout",
            ("0", "0s", "0m", "0h", "0h0m0s"),
            "4h0m0s",
            "4h0m0s",
        ),
    ),
    _set(
        "iptables_chains",
        "The kubelet keeps the chains of iptables that pods need",
        "Changes elsewhere break the network of pods, or leave it open.",
        partial(kubelet.is_set, "make-iptables-util-chains", "makeIPTablesUtilChains", ("true",), "true", "true"),
    ),
    _set(
        "hostname",
        "The kubelet goes by the name of its host",
        "Certificates and records name another host.",
        partial(kubelet.not_given, "hostname-override", ""),
    ),
    _set(
        "events",
        "The kubelet records events",
        "Nobody sees what happened on the node.",
        partial(kubelet.at_least, "event-qps", "eventRecordQPS", 0, "50"),
    ),
    _set(
        "certificate",
        "The kubelet has a certificate of its own for its port",
        "Whoever sits between it and the API server reads what is sent.",
        _certificate,
    ),
    _set(
        "rotates_certificates",
        "The kubelet renews its certificate",
        "It drops out of the cluster when the certificate expires, so that others make it last for ever.",
        partial(kubelet.is_not, "rotate-certificates", "rotateCertificates", ("false",), None, None),
    ),
    _set(
        "rotates_server_certificates",
        "Nothing keeps the kubelet from renewing the certificate of its port",
        "The certificate expires, and clients learn not to look at it.",
        partial(kubelet.is_not, "", "featureGates.RotateKubeletServerCertificate", ("false",), None, None),
    ),
    _set(
        "ciphers",
        "The kubelet offers strong ciphers alone",
        "Parts of what is sent can be recovered from weak ones.",
        partial(kubelet.among, "tls-cipher-suites", "tlsCipherSuites"),
        accepted=_STRONG,
    ),
    _set(
        "pid_limit",
        "The kubelet limits the processes of a pod",
        "One pod could use up all process ids of the node.",
        partial(kubelet.at_least, "pod-max-pids", "podPidsLimit", 1, "-1"),
    ),
    _set(
        "seccomp",
        "The kubelet gives pods a filter for system calls by default",
        "Faults of the kernel are reached by calls that pods have no use for.",
        partial(kubelet.is_set, "seccomp-default", "seccompDefault", ("true",), "false", "false"),
    ),
    Check(
        id="kube_proxy_metrics_local",
        title="kube-proxy shows its metrics on the host itself alone",
        why="What it shows tells others about the network of the cluster.",
        fix="Set metricsBindAddress in the configuration of kube-proxy to 127.0.0.1:10249.",
        rule=kubelet.proxy_is_local,
        applies=_PROXY,
    ),
)
