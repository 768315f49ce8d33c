"""The description is valid OpenAPI 3.1, names every route, and the answers are as it says."""

from __future__ import annotations

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from agent.model.envelope import Envelope
from backend.app import routes
from backend.openapi import describe


def test_the_description_is_valid():
    assert list(OpenAPIV31SpecValidator(describe()).iter_errors()) == []


def test_the_description_names_exactly_the_routes_and_their_methods():
    described = {(path, method.upper()) for path, operations in describe()["paths"].items() for method in operations}
    served = {(route.path, method) for route in routes(None, None) for method in route.methods - {"HEAD"}}
    assert described == served


def check(answer, schema):
    root = {**describe(), "$ref": f"#/components/schemas/{schema}"}
    jsonschema.Draft202012Validator(root).validate(answer)
    declared = set(describe()["components"]["schemas"][schema]["properties"])
    assert set(answer) <= declared


@pytest.mark.parametrize("attempted", [False, True])
def test_answers_are_as_described(backend, wire, attempted):
    agent = backend.agent()
    check(backend.enrol(agent.name).json, "Enrolled")
    agent.token = backend.enrol(agent.name).json["token"]
    if attempted:
        check(agent.heartbeat({"things": wire.state(status="failed", error="x")}).json, "Resend")
    envelope = wire.asdict(agent.envelope(1, []))
    check({**envelope, "hides": []}, "Envelope")
    check(agent.delta(2, [], base_seq=1).json, "Conflict")
    part = agent.envelope(1, [wire.record("a"), wire.record("b")], part=1, parts=2)
    check(agent.send(part, [wire.record("a")]).json, "Staged")
    check(agent.snapshot(2, [wire.record("a"), wire.record("b")]).json, "Applied")
    agent.snapshot(3, [wire.record("a", 2), wire.record("c")])
    check(agent.delta(5, [], base_seq=4).json, "Conflict")
    check(backend.get("/v1/hosts").json, "Hosts")
    check(backend.get(f"/v1/hosts/{agent.name}").json, "Host")
    check(backend.get(f"/v1/hosts/{agent.name}/sections").json, "Sections")
    check(backend.get(f"/v1/hosts/{agent.name}/sections/things/records").json, "Records")
    check(backend.get(f"/v1/hosts/{agent.name}/changes").json, "Changes")
    check(backend.get("/v1/records?section=things").json, "Found")
    check(backend.get("/v1/hosts/nobody").json, "Error")
    check(backend.get("/healthz", None).json, "Health")
    assert backend.get("/openapi.json", None).json == describe()


def test_every_field_of_the_envelope_is_described():
    assert set(describe()["components"]["schemas"]["Envelope"]["required"]) == set(Envelope.__dataclass_fields__)
