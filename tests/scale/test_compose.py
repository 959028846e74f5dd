"""scale/compose.yaml without a container engine: against the specification, and against what its parts read."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from cryptography.fernet import Fernet

from sandbox.project import ROOT
from scale import env, machine
from tests.stack.test_compose import VARIABLE, interpolated

TEXT = (ROOT / "scale/compose.yaml").read_text()
CONTENT: dict[str, Any] = yaml.safe_load(interpolated(TEXT, {}))
SERVICES: dict[str, dict[str, Any]] = CONTENT["services"]
AIRFLOW = {name: one for name, one in SERVICES.items() if one["image"] == "intervals-icu-scale:local"}


def test_it_is_valid_compose() -> None:
    PyCompose.from_json(json.dumps(CONTENT)).validate()


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_guarded_pinned_and_checked(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is service["init"] is True
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    assert re.search(r":(local|\d+\.\d+(\.\d+)?)$", service["image"])
    assert service["user"].split(":")[0] not in {"0", "root"}
    assert service["restart"] == ("no" if service["healthcheck"].get("disable") else "unless-stopped")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_workers_can_be_scaled() -> None:
    assert not {"ports", "container_name"} & SERVICES["worker"].keys()


def test_every_secret_that_is_required_is_made() -> None:
    required = {match["name"] for match in VARIABLE.finditer(TEXT) if match["kind"] == "?"}
    made = dict(line.split("=", 1) for line in env.lines())
    assert made.keys() == required
    Fernet(made["SCALE_FERNET_KEY"])


def test_it_sets_what_the_start_without_containers_sets() -> None:
    text = (ROOT / "scale/machine.py").read_text()
    known = set(re.findall(r'"(AIRFLOW__\w+)"', text)) - {"AIRFLOW__CORE__DAGS_FOLDER", "AIRFLOW__API__BASE_URL"}
    assert known == {name for name in SERVICES["worker"]["environment"] if name.startswith("AIRFLOW__")}
    assert {name: one["environment"].keys() >= known for name, one in AIRFLOW.items()} == dict.fromkeys(AIRFLOW, True)
    assert machine.CONFIGURATION.exists()
