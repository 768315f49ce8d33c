"""What clouds run: right by the schemas that there are, the same as the scripts, and safe from what it is told."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hcl2
import pytest
import yaml
from artefacts.runbooks import CLOUD, rendered

from tests.artefacts.built import needed
from tests.hosts.downloads import from_debian

SSM = [CLOUD / "ec2" / f"{name}.yaml" for name in ("install", "scan")]
ROLE = CLOUD / "ansible" / "roles" / "stocktake"
URL = "https://stocktake.example.org"


def document(path):
    return yaml.safe_load(path.read_text())


def test_what_is_checked_in_is_what_the_scripts_give():
    checked_in = {name: (CLOUD / name).read_text() for name in rendered()}
    assert checked_in == rendered(), "run PYTHONPATH=packaging python -m artefacts.runbooks"


@pytest.mark.parametrize(
    "path", [*CLOUD.glob("scripts/*.sh"), CLOUD / "gce/startup-script.sh"], ids=lambda path: path.name
)
def test_shellcheck_finds_nothing_in_scripts(path):
    done = subprocess.run([needed("shellcheck"), "--shell=sh", path], stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_user_data_is_right_by_the_schema_of_cloud_init():
    import jsonschema

    path = "./usr/lib/python3/dist-packages/cloudinit/config/schemas/schema-cloud-config-v1.json"
    schema = json.loads((from_debian("cloud-init", path) / path).read_text())
    text = (CLOUD / "cloud-init/user-data.yaml").read_text()
    assert text.startswith("#cloud-config\n")
    jsonschema.Draft4Validator(schema).validate(yaml.safe_load(text))


@pytest.mark.parametrize("path", SSM, ids=lambda path: path.stem)
def test_documents_of_systems_manager_have_the_form_of_schema_2_2(path):
    found = document(path)
    assert set(found) == {"schemaVersion", "description", "parameters", "mainSteps"}
    assert found["schemaVersion"] == "2.2"
    assert len(path.read_bytes()) < 64 * 1024
    (step,) = found["mainSteps"]
    assert set(step) == {"action", "name", "precondition", "inputs"}
    assert re.fullmatch(r"[a-zA-Z0-9_]{1,128}", step["name"])
    assert step["action"] == "aws:runShellScript"
    assert step["precondition"] == {"StringEquals": ["platformType", "Linux"]}
    assert set(step["inputs"]) == {"timeoutSeconds", "runCommand"}
    assert all(isinstance(line, str) for line in step["inputs"]["runCommand"])
    for parameter in found["parameters"].values():
        assert set(parameter) <= {"type", "description", "allowedPattern", "default"}
        assert re.search(parameter["allowedPattern"], parameter.get("default", URL))


@pytest.mark.parametrize("path", SSM, ids=lambda path: path.stem)
def test_a_parameter_of_systems_manager_cannot_become_code(path):
    found = document(path)
    text = "\n".join(found["mainSteps"][0]["inputs"]["runCommand"])
    used = set(re.findall(r"\{\{ *(\w+) *\}\}", text))
    assert used == set(found["parameters"])
    assert text.count("{{") == len(re.findall(r"'\{\{ \w+ \}\}'", text)), "each stands in quotes"
    for name, parameter in found["parameters"].items():
        for hostile in ("'; reboot; '", "$(reboot)", "`reboot`", "a\nreboot", 'https://a.b/"', "https://a.b/'"):
            assert not re.fullmatch(parameter["allowedPattern"].strip("^$"), hostile), name
            assert not re.search(parameter["allowedPattern"], hostile) or "\n" in hostile, name


@pytest.fixture
def stand_ins(tmp_path):
    """A folder for programs that stand in for those of a host."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("sh", "mktemp", "rm", "grep", "sed", "cut", "head", "cat", "sha256sum", "python3", "cp", "seq"):
        (folder / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))
    return folder


def run_scan(folder, parameters, tmp_path):
    """Run the document for scans as the agent of Systems Manager does."""
    found = document(CLOUD / "ec2/scan.yaml")
    values = {name: parameter["default"] for name, parameter in found["parameters"].items()}
    values = {**values, "OutputFile": str(tmp_path / "result"), **parameters}
    text = "\n".join(found["mainSteps"][0]["inputs"]["runCommand"])
    text = re.sub(r"\{\{ (\w+) \}\}", lambda name: values[name[1]], text)
    (tmp_path / "_script.sh").write_text(text)
    return subprocess.run(["sh", tmp_path / "_script.sh"], env={"PATH": str(folder)}, capture_output=True, text=True)


def program(folder, name, text):
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


def test_a_scan_prints_how_sections_ended_and_keeps_the_rest(stand_ins, tmp_path):
    real = f'{sys.executable} -I -m agent.cli "$@"'
    program(stand_ins, "stocktake", f"STOCKTAKE_ROOT={tmp_path} exec {real}")
    (tmp_path / "result").write_text('{"section":"ports","kind":"section","status":"complete","count":1,"gaps":0}')
    done = run_scan(stand_ins, {"Sections": "packages host"}, tmp_path)
    assert done.returncode in (0, 3), done.stderr
    assert "host: complete, 2 records, 0 gaps\n" in done.stdout
    assert "packages: " in done.stdout
    assert "ports: " not in done.stdout, "of a scan before"
    lines = [json.loads(line) for line in (tmp_path / "result").read_text().splitlines()]
    assert {line["section"] for line in lines} == {"packages", "host"}
    assert os.stat(tmp_path / "result").st_mode & 0o077 == 0


def test_a_scan_prints_no_more_than_2000_bytes_whatever_happens(stand_ins, tmp_path):
    line = '{"section":"host","kind":"section","status":"complete","count":1,"gaps":0}'
    said = f"for i in $(seq 500); do echo '{line}' >>$6; echo $i complaint complaint complaint >&2; done"
    program(
        stand_ins,
        "stocktake",
        f"while [ $# -gt 6 ]; do shift; done; set -- 1 2 3 4 5 {tmp_path}/result; {said}; exit 3",
    )
    done = run_scan(stand_ins, {}, tmp_path)
    assert done.returncode == 3
    assert 500 < len(done.stdout) <= 2000


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 3), (4, 4), (124, 124), (194, 1)])
def test_no_exit_code_makes_a_runbook_service_reboot_the_host(stand_ins, tmp_path, code, expected):
    program(stand_ins, "stocktake", f"exit {code}")
    assert run_scan(stand_ins, {}, tmp_path).returncode == expected


def test_a_scan_where_stocktake_is_not_installed_takes_an_archive_of_the_right_digest_alone(stand_ins, tmp_path, dist):
    (pyz,) = dist.glob("*.pyz")
    program(stand_ins, "curl", f'for last; do :; done; while [ "$1" != -o ]; do shift; done; cp {pyz} "$2"')
    digest = hashlib.sha256(pyz.read_bytes()).hexdigest()
    given = {"Archive": "https://packages.example.org/stocktake.pyz", "Sections": "host"}
    good = run_scan(stand_ins, {**given, "ArchiveSha256": digest}, tmp_path)
    assert good.returncode in (0, 3), good.stdout
    assert "host: " in good.stdout
    bad = run_scan(stand_ins, {**given, "ArchiveSha256": "0" * 64}, tmp_path)
    assert bad.returncode == 2
    assert "host: " not in bad.stdout.replace("the whole result", "")


def test_a_scan_that_finds_no_stocktake_says_so(stand_ins, tmp_path):
    done = run_scan(stand_ins, {}, tmp_path)
    assert (done.returncode, "not installed here" in done.stdout) == (2, True)


def test_the_policy_of_os_config_has_the_form_that_the_service_describes():
    policy = document(CLOUD / "gce/os-policy-assignment.yaml")
    assert set(policy) == {"osPolicies", "instanceFilter", "rollout"}
    assert set(policy["rollout"]) == {"disruptionBudget", "minWaitDuration"}
    (found,) = policy["osPolicies"]
    assert found["mode"] in ("VALIDATION", "ENFORCEMENT")
    for group in found["resourceGroups"]:
        names = [resource["id"] for resource in group["resources"]]
        assert len(set(names)) == len(names)
        for resource in group["resources"]:
            (kind,) = set(resource) - {"id"}
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,62}", resource["id"])
            check_resource(kind, resource[kind])


def check_resource(kind, resource):
    """Check a resource by what the reference of OSPolicy says of its fields."""
    if kind == "file":
        assert set(resource) == {"path", "state", "permissions", "content"}
        assert resource["state"] in ("PRESENT", "ABSENT", "CONTENTS_MATCH")
        assert yaml.safe_load(resource["content"]) == {"backend": {"url": URL}}
    elif kind == "repository":
        ((manager, said),) = resource.items()
        wanted = {
            "apt": {"archiveType", "uri", "distribution", "components", "gpgKey"},
            "yum": {"id", "displayName", "baseUrl", "gpgKeys"},
        }
        assert set(said) == wanted[manager]
    elif kind == "pkg":
        assert resource.pop("desiredState") in ("INSTALLED", "REMOVED")
        assert list(resource.values()) == [{"name": "stocktake"}]
    else:
        assert kind == "exec"
        for step in (resource["validate"], resource["enforce"]):
            assert step["interpreter"] in ("NONE", "SHELL", "POWERSHELL")
            assert "exit 100" in step["script"]


@pytest.mark.parametrize(
    "path", sorted(CLOUD.glob("terraform/*/*.tf")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_modules_of_terraform_can_be_read(path):
    assert hcl2.loads(path.read_text())


@pytest.mark.parametrize("name", ["ec2", "gce"])
def test_every_variable_of_a_module_is_described_and_used(name):
    folder = CLOUD / "terraform" / name
    text = "".join(path.read_text() for path in folder.glob("*.tf"))
    variables = re.findall(r'^variable "(\w+)" \{\n  description = "(.+)"$', text, re.MULTILINE)
    assert len(variables) == text.count('variable "')
    assert all(f"var.{variable}" in text.replace("condition", "") for variable, _ in variables)
    if name == "ec2":
        main = (folder / "main.tf").read_text()
        for path in re.findall(r'file\("\$\{path.module\}/(.+)"\)', main):
            assert (folder / path).exists()
        told = set(re.findall(r"^    (\w+) += var\.", main, re.MULTILINE))
        assert told == set(document(CLOUD / "ec2/install.yaml")["parameters"])


def test_modules_of_terraform_are_formatted():
    command = [needed("terraform"), "fmt", "-check", "-recursive", "-diff", CLOUD / "terraform"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_ansible_lint_finds_nothing(tmp_path):
    shutil.copytree(CLOUD / "ansible", tmp_path / "ansible")
    programs = str(Path(sys.executable).parent)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    command = [f"{programs}/ansible-lint", "--offline", "--strict", "--profile=production", "--nocolor"]
    done = subprocess.run(command, cwd=tmp_path / "ansible", env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_the_role_has_a_default_and_a_description():
    defaults = document(ROLE / "defaults/main.yml")
    described = document(ROLE / "meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    assert set(defaults) == set(described)
