from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks.engine.catalogue import checks
from agent.checks.engine.system import System
from agent.host import open_host
from tests.hosts.judged import outcome, planted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hosts.judged import Files

CONFIG = "var/lib/kubelet/config.yaml"
UNIT = "usr/lib/systemd/system/kubelet.service"
DROP_IN = "usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
KUBEADM = b"""\
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/srv/kubelet.yaml --config-dir=/srv/kubelet.d"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS
"""
SAFE = b"""\
# of kubeadm
apiVersion: kubelet.config.k8s.io/v1beta1
authentication:
  anonymous:
    enabled: false  # nobody
  webhook: {enabled: true}
  x509:
    clientCAFile: "/etc/kubernetes/pki/ca.crt"
authorization: {mode: Webhook}
featureGates:
  RotateKubeletServerCertificate: true
podPidsLimit: 1024
readOnlyPort: 0
seccompDefault: true
tlsCertFile: /a
tlsPrivateKeyFile: /b
tlsCipherSuites:
- TLS_AES_128_GCM_SHA256
- "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
"""
PROXY = "var/lib/kube-proxy/config.conf"


def config(text: bytes = SAFE) -> Files:
    """Give a node whose kubelet has a configuration."""
    return {CONFIG: text}


def arguments(text: str) -> Files:
    """Give a node whose unit has arguments for the kubelet."""
    return {UNIT: f"[Service]\nExecStart=/usr/bin/kubelet {text}\n".encode()}


ROWS: list[tuple[str, Files, str]] = [
    ("kubelet_no_anonymous", config(), "pass"),
    ("kubelet_no_anonymous", config(b"authentication:\n  anonymous:\n    enabled: true\n"), "fail"),
    ("kubelet_no_anonymous", config(b"kind: KubeletConfiguration\n"), "pass"),
    ("kubelet_no_anonymous", config(b'{"authentication": {"anonymous": {"enabled": true}}}'), "fail"),
    ("kubelet_no_anonymous", arguments(""), "fail"),
    ("kubelet_no_anonymous", arguments("--anonymous-auth=false"), "pass"),
    ("kubelet_no_anonymous", {**config(), **arguments("--anonymous-auth")}, "fail"),
    ("kubelet_no_anonymous", {UNIT: b"", DROP_IN: KUBEADM, "srv/kubelet.yaml": SAFE}, "pass"),
    (
        "kubelet_no_anonymous",
        {
            UNIT: b"",
            DROP_IN: KUBEADM,
            "srv/kubelet.yaml": SAFE,
            "srv/kubelet.d/90.conf": b"authentication:\n  anonymous:\n    enabled: true\n",
        },
        "fail",
    ),
    (
        "kubelet_no_anonymous",
        {
            UNIT: b"",
            DROP_IN: KUBEADM,
            "srv/kubelet.yaml": SAFE,
            "var/lib/kubelet/kubeadm-flags.env": b'KUBELET_KUBEADM_ARGS="--anonymous-auth=true --v=2"\n',
        },
        "fail",
    ),
    ("kubelet_authorizes", config(), "pass"),
    ("kubelet_authorizes", config(b"authorization:\n  mode: AlwaysAllow\n"), "fail"),
    ("kubelet_authorizes", arguments("--authorization-mode=Webhook,AlwaysAllow"), "fail"),
    ("kubelet_client_ca", config(), "pass"),
    ("kubelet_client_ca", config(b"a: b\n"), "fail"),
    ("kubelet_no_read_only_port", config(), "pass"),
    ("kubelet_no_read_only_port", config(b"readOnlyPort: 10255\n"), "fail"),
    ("kubelet_no_read_only_port", arguments(""), "fail"),
    ("kubelet_idle_timeout", config(), "pass"),
    ("kubelet_idle_timeout", config(b"streamingConnectionIdleTimeout: 0s\n"), "fail"),
    ("kubelet_iptables_chains", config(), "pass"),
    ("kubelet_iptables_chains", config(b"makeIPTablesUtilChains: false\n"), "fail"),
    ("kubelet_hostname", config(), "pass"),
    ("kubelet_hostname", arguments("--hostname-override=other"), "fail"),
    ("kubelet_events", config(b"eventRecordQPS: 0\n"), "pass"),
    ("kubelet_events", config(b"eventRecordQPS: -1\n"), "fail"),
    ("kubelet_certificate", config(), "pass"),
    ("kubelet_certificate", config(b"tlsCertFile: /a\n"), "fail"),
    ("kubelet_rotates_certificates", config(), "pass"),
    ("kubelet_rotates_certificates", config(b"rotateCertificates: false\n"), "fail"),
    ("kubelet_rotates_server_certificates", config(), "pass"),
    ("kubelet_rotates_server_certificates", config(b"featureGates: {RotateKubeletServerCertificate: false}\n"), "fail"),
    ("kubelet_ciphers", config(), "pass"),
    ("kubelet_ciphers", config(b"tlsCipherSuites: [TLS_RSA_WITH_3DES_EDE_CBC_SHA, TLS_AES_128_GCM_SHA256]\n"), "fail"),
    ("kubelet_ciphers", config(b"a: b\n"), "fail"),
    ("kubelet_pid_limit", config(), "pass"),
    ("kubelet_pid_limit", config(b"a: b\n"), "fail"),
    ("kubelet_seccomp", config(), "pass"),
    ("kubelet_seccomp", config(b"a: b\n"), "fail"),
    ("kube_proxy_metrics_local", {PROXY: b"metricsBindAddress: 127.0.0.1:10249\n"}, "pass"),
    ("kube_proxy_metrics_local", {PROXY: b'metricsBindAddress: ""\n'}, "pass"),
    ("kube_proxy_metrics_local", {PROXY: b"metricsBindAddress: 0.0.0.0:10249\n"}, "fail"),
    ("kube_proxy_metrics_local", config(), "not applicable"),
    ("kube_kubelet_unit_mode", {**config(), UNIT: (b"", 0o600)}, "pass"),
    ("kube_kubelet_unit_mode", {**config(), UNIT: (b"", 0o600), DROP_IN: (b"", 0o644)}, "fail"),
    ("kube_kubelet_unit_owner", {**config(), UNIT: (b"", 0o600)}, "pass"),
    ("kube_kubelet_unit_owner", {**config(), UNIT: (b"", 0o600, 1000, 0)}, "fail"),
    ("kube_kubelet_config_mode", {CONFIG: (SAFE, 0o600)}, "pass"),
    ("kube_kubelet_config_mode", {CONFIG: (SAFE, 0o644)}, "fail"),
    ("kube_kubelet_config_owner", {CONFIG: (SAFE, 0o600)}, "pass"),
    ("kube_kubelet_config_owner", {CONFIG: (SAFE, 0o600, 0, 1000)}, "fail"),
    ("kube_kubelet_kubeconfig_mode", {**config(), "etc/kubernetes/kubelet.conf": (b"", 0o600)}, "pass"),
    ("kube_kubelet_kubeconfig_mode", {**config(), "etc/kubernetes/kubelet.conf": (b"", 0o640)}, "fail"),
    ("kube_kubelet_kubeconfig_mode", {**arguments("--kubeconfig /srv/k"), "srv/k": (b"", 0o640)}, "fail"),
    ("kube_kubelet_kubeconfig_owner", {**config(), "etc/kubernetes/kubelet.conf": (b"", 0o600)}, "pass"),
    ("kube_kubelet_kubeconfig_owner", {**config(), "etc/kubernetes/kubelet.conf": (b"", 0o600, 1, 0)}, "fail"),
    ("kube_client_authorities_mode", {**config(), "etc/kubernetes/pki/ca.crt": (b"", 0o644)}, "pass"),
    ("kube_client_authorities_mode", {**config(), "etc/kubernetes/pki/ca.crt": (b"", 0o664)}, "fail"),
    ("kube_client_authorities_owner", {**config(), "etc/kubernetes/pki/ca.crt": (b"", 0o644)}, "pass"),
    ("kube_client_authorities_owner", {**config(), "etc/kubernetes/pki/ca.crt": (b"", 0o644, 1, 0)}, "fail"),
    ("kube_proxy_kubeconfig_mode", {"var/lib/kube-proxy/kubeconfig": (b"", 0o600)}, "pass"),
    ("kube_proxy_kubeconfig_mode", {"var/lib/kube-proxy/kubeconfig": (b"", 0o644)}, "fail"),
    ("kube_proxy_kubeconfig_owner", {"var/lib/kube-proxy/kubeconfig": (b"", 0o600)}, "pass"),
    ("kube_proxy_kubeconfig_owner", {"var/lib/kube-proxy/kubeconfig": (b"", 0o600, 1, 0)}, "fail"),
]


@pytest.mark.parametrize(("check", "files", "verdict"), ROWS)
def test_a_node_has_the_verdict_that_its_kubelet_gives_it(
    tmp_path: Path, check: str, files: Files, verdict: str
) -> None:
    assert outcome(tmp_path, check, files).verdict == verdict


def test_a_host_without_a_kubelet_is_no_node(tmp_path: Path) -> None:
    assert outcome(tmp_path, "kubelet_no_anonymous", {}).verdict == "not applicable"


def running(tmp_path: Path, command: bytes) -> System:
    """Give a system in which a kubelet runs, of which the unit says something else."""
    files: Files = {
        **arguments("--anonymous-auth=false"),
        "srv/run.yaml": b"authentication: {anonymous: {enabled: true}}\n",
    }
    proc = planted(tmp_path / "proc", {"7/comm": b"kubelet\n", "7/cmdline": command, "9/comm": b"other\n"})
    return System(open_host(str(planted(tmp_path / "root", files)), str(proc)))


def test_the_arguments_of_the_running_kubelet_outweigh_those_of_its_unit(tmp_path: Path) -> None:
    system = running(tmp_path, b"/usr/bin/kubelet\0--anonymous-auth\0true\0")
    assert checks()["kubelet_no_anonymous"].judge(system).verdict == "fail"


def test_no_argument_is_shown_but_what_is_judged(tmp_path: Path) -> None:
    system = running(
        tmp_path, b"kubelet\0--client-ca-file=/secret/ca\0--node-labels=token=secret\0--config=/srv/run.yaml\0"
    )
    names = [name for name in checks() if name.startswith("kubelet_")]
    assert "secret" not in repr([checks()[name].judge(system) for name in names])
