"""compose.yaml and its overrides, without a container engine: against the specification, and against the repository."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from sync import stack_secrets
from sync.meltano_process import SECONDS_TO_LEAVE
from sync.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
OVERRIDES = sorted(path.name for path in ROOT.glob("compose.*.yaml"))
VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?::(?P<kind>[-?+])(?P<default>[^}]*))?\}")
EXAMPLE = (ROOT / ".env.example").read_text()


def interpolated(text: str, environ: dict[str, str]) -> str:
    """Fill in variables as Compose does; those that are required get a value."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        given, default = environ.get(match["name"], ""), match["default"] or ""
        if match["kind"] == "+":
            return default if given else ""
        return given or (default if match["kind"] == "-" else "http://required:8086")

    return VARIABLE.sub(value, text)


def read(name: str, **environ: str) -> dict[str, Any]:
    """Return a compose file with its variables and anchors resolved."""
    content: dict[str, Any] = yaml.safe_load(interpolated((ROOT / name).read_text(), environ))
    return content


def merged(*names: str, **environ: str) -> dict[str, Any]:
    """Merge files as Compose does, as far as they need it: maps by key, lists of ports and volumes by target."""
    result: dict[str, Any] = {}
    for name in names:
        merge(result, read(name, **environ))
    return result


def merge(base: dict[str, Any], other: dict[str, Any]) -> None:
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            merge(base[key], value)
        elif isinstance(value, list) and isinstance(base.get(key), list) and key in {"volumes", "tmpfs"}:
            base[key] = base[key] + value
        else:
            base[key] = value


STACK = read("compose.yaml")
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
STACKS = {"compose.yaml": SERVICES} | {name: merged("compose.yaml", name)["services"] for name in OVERRIDES}
EVERY_SERVICE = [
    pytest.param(service, id=f"{file}:{name}")
    for file, services in STACKS.items()
    for name, service in services.items()
]


@pytest.mark.parametrize("name", [(), *((name,) for name in OVERRIDES)], ids=["alone", *OVERRIDES])
def test_stack_is_valid_compose_and_names_only_what_it_defines(name: tuple[str, ...]) -> None:
    content = merged("compose.yaml", *name)
    for service in content["services"].values():  # right, but unknown to this parser
        service.pop("extra_hosts", None)
    PyCompose.from_json(json.dumps(content)).validate()


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        ({"secrets": ["nowhere"]}, "nowhere"),
        ({"restrat": "always"}, "restrat"),
        ({"healthcheck": {"test": 1}}, "expected a string"),
    ],
)
def test_mistake_in_a_service_would_be_found(mistake: dict[str, Any], complaint: str) -> None:
    content = read("compose.yaml")
    content["services"]["sync"] |= mistake
    with pytest.raises(ValueError, match=complaint):
        PyCompose.from_json(json.dumps(content)).validate()


@pytest.mark.parametrize("service", EVERY_SERVICE)
def test_every_service_is_guarded_pinned_and_checked(service: dict[str, Any]) -> None:
    assert service["read_only"] is service["init"] is True
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    low_ports = any(port.split(":")[-1] in {"80", "443"} for port in service.get("ports", []))
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if low_ports else [])
    assert re.search(r":(local|v?\d+\.\d+(\.\d+)?(-\w+)?)$", service["image"])
    assert service["healthcheck"]
    assert "privileged" not in service
    assert service.get("user", "image's own").split(":")[0] not in {"0", "root"}
    assert service["restart"] == ("no" if service["healthcheck"].get("disable") else "unless-stopped")
    assert low_ports or all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_grafana_alone_is_opened_to_the_home_network_or_the_vpn() -> None:
    for address in ("0.0.0.0", "100.64.7.1"):
        services = read("compose.yaml", STACK_BIND=address)["services"]
        ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
        assert ports == {"influxdb": ["127.0.0.1:8086:8086"], "grafana": [f"{address}:3000:3000"]}


def test_viewer_is_opt_in_and_may_only_look() -> None:
    for given, expected in ({}, "false"), ({"STACK_VIEWER": "true"}, "true"):
        grafana = read("compose.yaml", **given)["services"]["grafana"]["environment"]
        assert str(grafana["GF_AUTH_ANONYMOUS_ENABLED"]).lower() == expected
        assert grafana["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"


@pytest.mark.parametrize("names", [("compose.yaml", name) for name in OVERRIDES], ids=OVERRIDES)
def test_every_named_volume_is_defined_and_used(names: tuple[str, ...]) -> None:
    content = merged(*names)
    mounts = [mount.split(":")[0] for one in content["services"].values() for mount in one.get("volumes", [])]
    assert {mount for mount in mounts if not mount.startswith(".")} == content["volumes"].keys()


def test_image_is_built_from_a_stage_that_exists_and_named_alike_by_all_that_run_it() -> None:
    built = STACKS["compose.build.yaml"]
    with_build = {name for name, service in built.items() if "build" in service}
    ours = {name for name, one in SERVICES.items() if one["image"].startswith("intervals-icu-influxdb:")}
    assert with_build == ours - {"backup"}  # which is another image with InfluxDB 1
    assert {built[name]["image"] for name in ours} == {"intervals-icu-influxdb:local"}
    assert {(built[name]["image"], built[name]["build"]["context"]) for name in with_build} == {
        ("intervals-icu-influxdb:local", ".")
    }
    other = read("compose.yaml", STACK_IMAGE="registry.example/me/it", STACK_VERSION="1.2.3")["services"]
    assert {other[name]["image"] for name in ours} == {"registry.example/me/it:1.2.3"}


def test_grafana_gets_every_variable_that_its_provisioning_reads() -> None:
    folder = ROOT / "grafana" / "provisioning"
    for name, service in [("compose.yaml", SERVICES["grafana"]), *((n, s["grafana"]) for n, s in STACKS.items())]:
        kinds = ["datasources", "datasources-1.x"] if name == "compose.external.yaml" else ["datasources"]
        texts = [file.read_text() for kind in [*kinds, "dashboards"] for file in (folder / kind).glob("*.yaml")]
        needed = {variable for text in texts for variable in re.findall(r"^[^#\n]*\$\{?(\w+)", text, re.MULTILINE)}
        exported = set(re.findall(r"export (\w+)=", service["entrypoint"][-1]))
        assert needed <= service["environment"].keys() | exported


def test_every_secret_file_that_a_service_reads_is_made() -> None:
    text = "".join((ROOT / name).read_text() for name in ["compose.yaml", *OVERRIDES])
    assert set(re.findall(r"/secrets/([\w-]+)", text)) <= {*stack_secrets.FILES, "intervals_api_key"}
    assert set(stack_secrets.FILES.values()) <= set(SERVICES["secrets"]["environment"])
    for service in SERVICES.values():
        if "/secrets/" in str(service.get("environment")):
            assert service["depends_on"]["secrets"]["condition"] == "service_completed_successfully"


def test_every_variable_of_env_example_reaches_the_stack_and_every_other_way_round() -> None:
    example = set(re.findall(r"^#?([A-Z]\w+)=", EXAMPLE, re.MULTILINE))
    used = {
        match["name"] for name in ["compose.yaml", *OVERRIDES] for match in VARIABLE.finditer((ROOT / name).read_text())
    }
    used -= {None, "INTERVALS_API_KEY_PATH"}  # explained in compose.secrets.yaml, the one file that needs it
    assert used == example - {"COMPOSE_PROFILES"}  # Compose's own


def test_nothing_but_the_key_has_to_be_set() -> None:
    required = [
        match["name"] for match in VARIABLE.finditer((ROOT / "compose.yaml").read_text()) if match["kind"] == "?"
    ]
    assert required == []
    assert re.findall(r"^(\w+)=$", EXAMPLE, re.MULTILINE) == ["INTERVALS_API_KEY"]


def test_bucket_of_the_data_is_not_the_one_that_influxdb_makes_with_shards_of_a_week() -> None:
    made = SERVICES["influxdb"]["environment"]["DOCKER_INFLUXDB_INIT_BUCKET"]
    assert (
        made
        != SERVICES["sync"]["environment"]["INFLUXDB_BUCKET"]
        == SERVICES["grafana"]["environment"]["INFLUXDB_BUCKET"]
    )


def test_stop_grace_period_is_longer_than_the_service_waits_for_its_run() -> None:
    assert int(SERVICES["sync"]["stop_grace_period"].removesuffix("s")) > Settings.stop_seconds + SECONDS_TO_LEAVE


@pytest.mark.parametrize("name", OVERRIDES)
def test_override_changes_services_that_exist(name: str) -> None:
    services = read(name)["services"]
    assert {one for one in services if "image" not in services[one]} <= SERVICES.keys()
