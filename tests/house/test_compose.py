"""The scaled form: every service is checked, no secret is written down, and what it starts exists."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub.settings import Settings

Service = dict[str, Any]
SECRET = re.compile(r"PASS|SECRET|TOKEN|KEY")
FROM_ENVIRONMENT = re.compile(r"\$\{[A-Z_]+:\?[^}]+\}")
HUB = {"migrate", "web", "worker", "scheduler"}


@pytest.fixture(scope="module")
def compose(repo_root: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((repo_root / "docker-compose.yml").read_text())
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, Service]:
    found: dict[str, Service] = compose["services"]
    return found


def test_all_services_of_the_scaled_form_are_there(services: dict[str, Service]) -> None:
    assert set(services) == {"postgres", "rabbitmq", "migrate", "web", "worker", "scheduler", "prometheus"}


def test_every_lasting_service_is_checked(services: dict[str, Service]) -> None:
    unchecked = {name for name, service in services.items() if "healthcheck" not in service}
    assert unchecked == {"migrate"}


def test_the_hub_starts_after_healthy_servers_and_a_finished_migration(services: dict[str, Service]) -> None:
    for name in HUB - {"migrate"}:
        assert services[name]["depends_on"] == {
            "postgres": {"condition": "service_healthy"},
            "rabbitmq": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }


def test_secrets_come_from_the_environment_and_have_no_default(services: dict[str, Service]) -> None:
    for service in services.values():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) or "@" in value:
                assert FROM_ENVIRONMENT.search(value), key
                assert ":@" in FROM_ENVIRONMENT.sub("", value) or "@" not in value, key


def test_a_required_secret_is_explained_in_the_example(repo_root: Path) -> None:
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", (repo_root / "docker-compose.yml").read_text()))
    example = (repo_root / "deploy/env.example").read_text()
    values = dict(re.findall(r"^([A-Z_]+)=(.*)$", example, re.M))
    assert needed <= set(values)
    assert set(values.values()) == {""}


def test_every_setting_that_is_given_is_one_that_the_hub_reads(services: dict[str, Service], repo_root: Path) -> None:
    given = {key for name in HUB for key in services[name]["environment"]}
    given |= set(re.findall(r"STOCKLINE_[A-Z_]+", (repo_root / "Dockerfile").read_text()))
    assert given <= {f"STOCKLINE_{name.upper()}" for name in Settings.model_fields}


def test_the_hub_may_not_write_gain_rights_or_run_as_root(services: dict[str, Service], repo_root: Path) -> None:
    for name in HUB:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]
    assert re.search(r"^USER stockline$", (repo_root / "Dockerfile").read_text(), re.M)


def test_every_volume_and_secret_is_declared(compose: dict[str, Any], services: dict[str, Service]) -> None:
    named = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])}
    assert {name for name in named if not name.startswith(".")} == set(compose["volumes"])
    used = {secret for service in services.values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_files_that_are_mounted_exist(services: dict[str, Service], repo_root: Path) -> None:
    mounts = [volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", [])]
    assert [path for path in mounts if path.startswith(".") and not (repo_root / path).exists()] == []


def test_servers_of_others_are_pinned_to_a_version(services: dict[str, Service]) -> None:
    images = {name: service["image"] for name, service in services.items() if name not in HUB}
    assert [name for name, image in images.items() if not re.search(r":v?\d", image)] == []


def test_prometheus_asks_the_web_service_with_the_token(services: dict[str, Service], repo_root: Path) -> None:
    (job,) = yaml.safe_load((repo_root / "deploy/prometheus.yml").read_text())["scrape_configs"]
    port = services["web"]["environment"]["STOCKLINE_PORT"]
    assert job["static_configs"] == [{"targets": [f"web:{port}"]}]
    assert job["authorization"] == {"credentials_file": "/run/secrets/metrics_token"}
    assert services["web"]["ports"] == [f"${{STOCKLINE_PUBLISH:-127.0.0.1:{port}}}:{port}"]


@pytest.mark.parametrize("name", sorted(HUB))
def test_the_command_of_each_service_exists(services: dict[str, Service], name: str) -> None:
    command = [sys.executable, "-m", "hub.cli.main", *services[name]["command"], "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert services[name]["command"][-1] in done.stdout


def test_what_a_health_check_starts_is_in_the_image(services: dict[str, Service], repo_root: Path) -> None:
    image = (repo_root / "Dockerfile").read_text()
    for name in ("worker", "scheduler"):
        assert services[name]["healthcheck"]["test"][:3] == ["CMD", "python", "/opt/stockline/connected.py"]
    assert "COPY deploy/connected.py /opt/stockline/connected.py" in image
