"""python -m artefacts.runbooks: renders what clouds run from the two scripts; CI compares it with what is checked in."""

from __future__ import annotations

from typing import Any

import yaml

from artefacts.source import ROOT

CLOUD = ROOT / "packaging" / "cloud"
_HEAD = "# Rendered from packaging/cloud/scripts by python -m artefacts.runbooks; not to be edited.\n"
_ADDRESS = r"^https://[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?$"
_GCE = """
# A start-up script of Compute Engine: what it is told stands in the instance's or project's metadata, in stocktake-url,
# stocktake-repository and, where agents enrol by a token, stocktake-token-secret: the name of a version of a secret, as
# projects/PROJECT/secrets/NAME/versions/latest, which the instance's service account may read.
metadata() {
    curl --fail --silent --max-time 5 --header Metadata-Flavor:Google "http://169.254.169.254/computeMetadata/v1/$1"
}

secret() {
    bearer=$(metadata instance/service-accounts/default/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
    printf 'header = "Authorization: Bearer %s"\\n' "$bearer" |
        curl --fail --silent --max-time 20 --config - "https://secretmanager.googleapis.com/v1/$1:access" |
        sed -n 's/.*"data": *"\\([^"]*\\)".*/\\1/p' | base64 -d
}

attribute() { metadata "instance/attributes/$1" || metadata "project/attributes/$1"; }

STOCKTAKE_URL=$(attribute stocktake-url)
STOCKTAKE_REPOSITORY=$(attribute stocktake-repository)
if name=$(attribute stocktake-token-secret); then
    STOCKTAKE_TOKEN=$(secret "$name")
fi
main
"""
_JOINING_ON_EC2 = """\
if [ -n '{{ JoinTokenParameter }}' ]; then
    STOCKTAKE_TOKEN=$(aws ssm get-parameter --with-decryption --name '{{ JoinTokenParameter }}' --query Parameter.Value --output text)
fi
"""


def rendered() -> dict[str, str]:
    """Give every file by its path below packaging/cloud."""
    return {
        "ec2/install.yaml": _document(_install()),
        "ec2/scan.yaml": _document(_scan()),
        "gce/startup-script.sh": f"#!/bin/sh\n{_HEAD}{_script('install')}{_GCE}",
    }


def main() -> None:
    """Write them."""
    for name, text in rendered().items():
        (CLOUD / name).write_text(text)


def _script(name: str) -> str:
    return (CLOUD / "scripts" / f"{name}.sh").read_text()


def _install() -> dict[str, Any]:
    said = "STOCKTAKE_URL='{{ BackendUrl }}'\nSTOCKTAKE_REPOSITORY='{{ Repository }}'\n"
    return {
        "description": "Installs stocktake from your repository, and has it report to your backend.",
        "parameters": {
            "BackendUrl": _parameter("Address of the backend, https://", _ADDRESS),
            "Repository": _parameter(
                "Address of the repository that packaging/repository laid out, https://", _ADDRESS
            ),
            "JoinTokenParameter": _parameter(
                "Name of the SecureString in Parameter Store that lets agents enrol; the instance needs the command aws and "
                "may read it. Empty where a token is in place.",
                r"^[A-Za-z0-9/._-]{0,512}$",
                "",
            ),
        },
        "script": f"{_script('install')}\n{said}{_JOINING_ON_EC2}main\n",
        "seconds": "900",
    }


def _scan() -> dict[str, Any]:
    names = ("Sections", "OutputFile", "Archive", "ArchiveSha256")
    said = "".join(
        f"STOCKTAKE_{variable}='{{{{ {name} }}}}'\n"
        for variable, name in zip(("SECTIONS", "OUTPUT", "ARCHIVE", "SHA256"), names)
    )
    return {
        "description": "Takes stock of the instance once; prints a summary, keeps the whole result in a file of root alone.",
        "parameters": {
            "Sections": _parameter(
                "Sections to read, with spaces between them; empty for all but integrity.", "^[a-z ]{0,200}$", ""
            ),
            "OutputFile": _parameter(
                "File for the result.", r"^/[A-Za-z0-9/._-]{1,200}$", "/var/log/stocktake-scan.ndjson"
            ),
            "Archive": _parameter(
                "Address of stocktake in a single file, for where it is not installed.", f"^$|{_ADDRESS}", ""
            ),
            "ArchiveSha256": _parameter("Digest of that file.", r"^$|^[0-9a-f]{64}$", ""),
        },
        "script": f"{_script('scan')}\n{said}main\n",
        "seconds": "1800",
    }


def _parameter(description: str, pattern: str, default: str | None = None) -> dict[str, str]:
    given = {} if default is None else {"default": default}
    return {"type": "String", "description": description, "allowedPattern": pattern, **given}


def _document(said: dict[str, Any]) -> str:
    """Give an SSM document of schema 2.2 with one step that runs a script on Linux; patterns keep parameters from being code."""
    step = {
        "action": "aws:runShellScript",
        "name": "stocktake",
        "precondition": {"StringEquals": ["platformType", "Linux"]},
        "inputs": {"timeoutSeconds": said["seconds"], "runCommand": [_Text(said["script"])]},
    }
    document = {
        "schemaVersion": "2.2",
        "description": said["description"],
        "parameters": said["parameters"],
        "mainSteps": [step],
    }
    return _HEAD + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=120)


class _Text(str):
    """Text that is written as it is, over several lines."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes such text."""


def _as_block(dumper: yaml.SafeDumper, text: _Text) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")


_Dumper.add_representer(_Text, _as_block)

if __name__ == "__main__":
    main()
