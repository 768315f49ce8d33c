"""The chart and the kustomize base: what Kubernetes accepts, and no more privilege than the agent has use for."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml
from artefacts.kustomize import BASE, VALUES, base, render, write_chart

from tests.artefacts.built import ROOT, build, needed

CHART = ROOT / "packaging" / "chart"
PLATFORMS = sorted((CHART / "platforms").glob("*.yaml"))
LEAST = {"backend": {"url": "https://stocktake.example.org"}, "joinToken": {"existingSecret": "join"}}
CASES = {
    "least": LEAST,
    "base": VALUES,
    "own secrets": {
        **LEAST,
        "joinToken": {"value": "token-of-a-test"},
        "ca": {"value": "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"},
    },
    "ca of a secret": {**LEAST, "ca": {"existingSecret": "ca"}},
    "ca of a config map": {**LEAST, "ca": {"existingConfigMap": "ca"}},
    "watcher": {**LEAST, "watcher": {"enabled": True}},
    "read-only below": {**LEAST, "host": {"recursiveReadOnly": True}},
    "much": {
        **LEAST,
        "backend": {"url": "https://stocktake.example.org:8443", "proxy": "http://proxy.example.org:3128"},
        "image": {"repository": "r.example.org/s", "digest": f"sha256:{'0' * 64}", "pullSecrets": [{"name": "pull"}]},
        "config": {"ports": {"every": "5m"}, "delivery": {"heartbeat": "10m"}},
        "labels": {"cluster": "one"},
        "networkPolicy": {"cidrs": ["192.0.2.0/24"], "metricsFrom": [{"namespaceSelector": {}}]},
        "affinity": {"nodeAffinity": {}},
        "podAnnotations": {"a": "b"},
        "podLabels": {"c": "d"},
        "maxUnavailable": 2,
        "priorityClass": {"name": "system-node-critical"},
    },
    **{path.stem: {**LEAST, **yaml.safe_load(path.read_text())} for path in PLATFORMS},
}
FOREIGN = {"SecurityContextConstraints", "AllowlistSynchronizer"}
"""Kinds of OpenShift and GKE, of which Kubernetes itself has no schema."""


def of_kind(resources, kind):
    (found,) = [resource for resource in resources if resource["kind"] == kind]
    return found


def pod(values):
    return of_kind(render(values), "DaemonSet")["spec"]["template"]["spec"]


def agent(values):
    return pod(values)["containers"][0]


def settings(values):
    return yaml.safe_load(of_kind(render(values), "ConfigMap")["data"]["agent.yaml"])


@pytest.fixture(scope="module")
def versions():
    """The three newest versions of Kubernetes whose schemas are at hand."""
    kubernetes_validate = pytest.importorskip("kubernetes_validate")
    newest = sorted({version.rsplit(".", 1)[0] for version in kubernetes_validate.utils.all_versions()}, key=_number)
    return newest[-3:]


def _number(version):
    return [int(part) for part in version.split(".")]


@pytest.mark.parametrize("case", CASES)
def test_kubernetes_accepts_what_is_rendered(case, versions):
    import kubernetes_validate

    resources = render(CASES[case])
    assert {"DaemonSet", "ServiceAccount", "ConfigMap", "NetworkPolicy"} <= {each["kind"] for each in resources}
    for resource in resources:
        if resource["kind"] not in FOREIGN:
            for version in versions if case in ("base", "much") else versions[-1:]:
                kubernetes_validate.validate(resource, version, strict=True)


@pytest.mark.parametrize("case", CASES)
def test_helm_lints_it_without_a_word(case, tmp_path):
    from helm_python import lint

    write_chart(tmp_path / "stocktake")
    report = lint(str(tmp_path / "stocktake"), CASES[case], strict=True, namespace="stocktake")
    said = [message for message in report["messages"] if "icon is recommended" not in message["error"]]
    assert (said, report["errors"]) == ([], [])


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "give backend.url"),
        ({"backend": {"url": "https://b.example.org"}}, "give joinToken"),
        ({**LEAST, "backend": {"url": "http://b.example.org"}}, "backend/url"),
        ({**LEAST, "joinTokn": {}}, "joinTokn"),
        ({**LEAST, "image": {"digest": "latest"}}, "image/digest"),
    ],
)
def test_values_that_cannot_be_right_are_refused_with_the_reason(values, text):
    with pytest.raises(Exception, match=text.replace("/", "[/.]")):
        render(values)


def test_the_agent_is_root_by_number_and_may_do_nothing_but_read():
    context = agent(LEAST)["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"], "add": ["DAC_READ_SEARCH", "SYS_PTRACE"]}
    assert (context["runAsUser"], context["privileged"], context["allowPrivilegeEscalation"]) == (0, False, False)
    assert context["readOnlyRootFilesystem"] is True
    assert pod(LEAST)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}


def test_the_watcher_takes_one_capability_more_and_is_off_by_default():
    values = {**LEAST, "watcher": {"enabled": True}}
    assert agent(values)["securityContext"]["capabilities"]["add"][2:] == ["SYS_ADMIN"]
    assert (settings(LEAST)["integrity"], settings(LEAST)["usage"]) == ({"watch": False}, {"watch": False})
    assert (settings(values)["integrity"], settings(values)["usage"]) == ({"watch": True}, {"watch": True})


def test_the_node_is_seen_and_cannot_be_written_to():
    found = pod(LEAST)
    assert (found["hostPID"], found["hostNetwork"]) == (True, False)
    paths = {volume["name"]: volume.get("hostPath", {}).get("path") for volume in found["volumes"]}
    mounts = {mount["mountPath"]: mount for mount in agent(LEAST)["volumeMounts"]}
    for where, path in {
        "/host": "/",
        "/host/proc": "/proc",
        "/host/sys": "/sys",
        "/host/sys/fs/cgroup": "/sys/fs/cgroup",
    }.items():
        assert paths[mounts[where]["name"]] == path
        assert (mounts[where]["readOnly"], mounts[where]["mountPropagation"]) == (True, "HostToContainer")
    writable = {where for where, mount in mounts.items() if not mount.get("readOnly")}
    assert writable == {"/var/lib/stocktake", "/tmp"}


def test_no_token_of_the_cluster_is_mounted():
    assert pod(LEAST)["automountServiceAccountToken"] is False
    assert of_kind(render(LEAST), "ServiceAccount")["automountServiceAccountToken"] is False


def test_its_life_is_told_by_its_loop_alone():
    for probe in ("livenessProbe", "readinessProbe"):
        assert agent(LEAST)[probe]["httpGet"] == {"path": "/healthz", "port": "metrics"}
    assert agent(LEAST)["ports"][0]["containerPort"] == 9754
    assert settings(LEAST)["metrics"] == {"listen": "0.0.0.0:9754"}


def test_it_asks_for_little_and_runs_on_every_node():
    assert agent(LEAST)["resources"] == {"requests": {"cpu": "25m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}
    assert pod(LEAST)["tolerations"] == [{"operator": "Exists"}]
    assert of_kind(render(LEAST), "DaemonSet")["spec"]["updateStrategy"]["rollingUpdate"] == {"maxUnavailable": "10%"}
    assert pod(LEAST)["priorityClassName"] == of_kind(render(LEAST), "PriorityClass")["metadata"]["name"]


def test_the_agents_configuration_is_right(tmp_path):
    from agent.config import load

    for values in CASES.values():
        path = tmp_path / "agent.yaml"
        path.write_text(
            of_kind([each for each in render(values) if each["metadata"]["name"] == "stocktake"], "ConfigMap")["data"][
                "agent.yaml"
            ]
        )
        path.chmod(0o644)
        labels = {each["name"]: each.get("value", "") for each in agent(values)["env"]}
        loaded = load(str(path), {"STOCKTAKE_LABELS": labels["STOCKTAKE_LABELS"].replace("$(NODE_NAME)", "n")})
        assert loaded.settings.root == "/host"
        assert "kubernetes_node=n" in loaded.settings.labels


def test_what_the_values_set_of_the_agent_is_kept_beside_what_the_pod_decides():
    found = settings({**LEAST, "config": {"ports": {"every": "5m"}, "root": "/", "usage": {"enabled": True}}})
    assert (found["ports"], found["root"]) == ({"every": "5m"}, "/host")
    assert found["usage"] == {"enabled": True, "watch": False}


def test_the_network_is_open_to_the_backend_alone():
    def egress(**backend):
        policy = of_kind(render({**LEAST, "backend": backend, "cloudMetadata": {"enabled": False}}), "NetworkPolicy")
        assert policy["spec"]["ingress"] == []
        return [[port["port"] for port in rule["ports"]] for rule in policy["spec"]["egress"]]

    assert egress(url="https://b.example.org/x") == [[53, 53], [443]]
    assert egress(url="https://b.example.org:8443") == [[53, 53], [8443]]
    assert egress(url="https://b.example.org", proxy="http://p.example.org:3128") == [[53, 53], [3128]]
    assert egress(url="https://b.example.org", proxy="http://p.example.org") == [[53, 53], [80]]


def test_a_changed_setting_is_a_new_pod():
    def checksum(values):
        return of_kind(render(values), "DaemonSet")["spec"]["template"]["metadata"]["annotations"]["checksum/config"]

    assert checksum(LEAST) == checksum(LEAST)
    assert checksum(LEAST) != checksum({**LEAST, "config": {"ports": {"every": "5m"}}})


def test_a_token_in_the_values_is_in_a_secret_alone():
    resources = render(CASES["own secrets"])
    assert of_kind(resources, "Secret")["data"] == {"join_token": "dG9rZW4tb2YtYS10ZXN0"}
    assert "token-of-a-test" not in json.dumps([each for each in resources if each["kind"] != "Secret"])


def test_openshift_lets_the_agent_have_what_it_asks_for_and_no_more():
    resources = render(CASES["openshift"])
    constraints = of_kind(resources, "SecurityContextConstraints")
    assert constraints["allowedCapabilities"] == agent(CASES["openshift"])["securityContext"]["capabilities"]["add"]
    assert constraints["allowHostPID"] is True
    assert not constraints["allowPrivilegedContainer"]
    assert of_kind(resources, "RoleBinding")["roleRef"]["name"] == of_kind(resources, "Role")["metadata"]["name"]
    assert pod(CASES["openshift"])["securityContext"]["seLinuxOptions"] == {"type": "spc_t"}


def test_the_base_is_what_the_chart_renders():
    checked_in = {path.name: path.read_text() for path in BASE.iterdir()}
    assert checked_in == base(), "run PYTHONPATH=packaging python -m artefacts.kustomize"


def test_kustomize_builds_the_base_and_the_example(tmp_path):
    shutil.copytree(BASE.parent, tmp_path / "kustomize")
    (tmp_path / "kustomize/example/join_token").write_text("token-of-a-test")
    for name in ("base", "example"):
        command = [needed("kubectl"), "kustomize", tmp_path / "kustomize" / name]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        resources = list(yaml.safe_load_all(done.stdout))
        configuration = of_kind(resources, "ConfigMap")["metadata"]["name"]
        volumes = of_kind(resources, "DaemonSet")["spec"]["template"]["spec"]["volumes"]
        assert {"name": configuration, "defaultMode": 0o444} in [volume.get("configMap") for volume in volumes]


def test_the_archive_is_the_same_every_time_and_has_the_agents_version(tmp_path):
    first, second = (build("chart", tmp_path / name)[-1] for name in "ab")
    assert hashlib.sha256(first.read_bytes()).digest() == hashlib.sha256(second.read_bytes()).digest()
    with tarfile.open(first) as members:
        chart = yaml.safe_load(members.extractfile("stocktake/Chart.yaml"))
        assert chart["version"] in first.name
        assert chart["version"] == chart["appVersion"]
        assert {Path(name).parts[1] for name in members.getnames()} >= {
            "templates",
            "values.yaml",
            "values.schema.json",
        }
