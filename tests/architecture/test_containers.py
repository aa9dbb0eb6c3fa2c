"""Facts about the Dockerfile, the compose file and the workflow that a reader may rely on."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.architecture.repository import Repository

COMPOSE = "deploy/compose.yaml"
WORKFLOW = ".github/workflows/ci.yml"


@pytest.fixture
def dockerfile(repository: Repository) -> str:
    """The Dockerfile without comments."""
    return re.sub(r"^\s*#.*\n", "", repository.read("deploy/Dockerfile"), flags=re.MULTILINE)


@pytest.fixture
def compose(repository: Repository) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(repository.read(COMPOSE))
    return loaded


@pytest.fixture
def workflow(repository: Repository) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(repository.read(WORKFLOW))
    return loaded


def runtime(dockerfile: str) -> str:
    return dockerfile[dockerfile.index("AS runtime") :]


def test_there_is_one_dockerfile_and_one_workflow(repository: Repository) -> None:
    assert [path for path in repository.files if "Dockerfile" in path] == ["deploy/Dockerfile"]
    assert [path for path in repository.files if path.startswith(".github/workflows/")] == [WORKFLOW]


def test_the_image_has_the_stages_deps_build_and_runtime(dockerfile: str) -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)$", dockerfile, re.MULTILINE)
    assert stages[:2] == ["deps", "build"]
    assert stages[-1] == "runtime"
    assert "ARG SERVICE" in dockerfile.split("FROM", maxsplit=1)[0]


def test_the_image_runs_as_nobody_in_particular(dockerfile: str) -> None:
    users = re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)
    assert users == ["10001:10001"]
    assert "root" not in runtime(dockerfile)


def test_the_image_checks_its_health_in_python(dockerfile: str) -> None:
    assert re.search(r'HEALTHCHECK[^\n]*\\\n\s+CMD \["python", "-I",', dockerfile)
    assert not re.search(r"\b(curl|wget)\b", dockerfile)


def test_torch_never_reaches_the_runtime(dockerfile: str) -> None:
    assert "torch" not in runtime(dockerfile)
    assert dockerfile.index("torch.txt") > dockerfile.index("AS prepared-rag")
    assert "COPY --from=build /opt/tillhand /opt/tillhand" in dockerfile


def test_every_package_in_the_image_is_checked_against_its_hash(dockerfile: str) -> None:
    for lock in re.findall(r"-r \"?requirements/(\S+?)\.txt", dockerfile):
        if lock != "torch":
            assert re.search(rf"--require-hashes -r \"?requirements/{re.escape(lock)}\.txt", dockerfile)


def test_the_image_needs_no_feature_beyond_a_plain_build(repository: Repository, dockerfile: str) -> None:
    assert "syntax=" not in repository.read("deploy/Dockerfile")
    assert not re.search(r"--mount=|--link|<<", dockerfile)
    assert "ADD " not in dockerfile


def test_the_build_context_is_an_allow_list(repository: Repository) -> None:
    lines = [line for line in repository.read(".dockerignore").splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"


def test_every_service_is_in_the_compose_file(repository: Repository, compose: dict[str, Any]) -> None:
    assert set(repository.members("services")) <= set(compose["services"])


def test_every_container_is_hardened(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"] not in {"root", "0", "0:0"}, name
        assert service["init"] is True, name
        assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(service), name
        assert "docker.sock" not in str(service.get("volumes", "")), name


def test_every_container_is_bounded_and_watched(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert {"mem_limit", "pids_limit", "healthcheck", "restart", "stop_grace_period"} <= set(service), name
        assert {"max-size", "max-file"} <= set(service["logging"]["options"]), name


def test_ports_are_on_loopback_only(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_stack_has_no_default_credentials(repository: Repository) -> None:
    assert not re.search(r"(?i)(password|secret|token|api_?key)\w*\s*[:=]\s*\S", repository.read(COMPOSE))


def test_images_are_named_in_variables(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert re.fullmatch(r"\$\{\w+:-\S+:\S+\}", service["image"]), name
        assert not service["image"].endswith(":latest}"), name


def test_services_meet_on_a_network_that_leads_nowhere(compose: dict[str, Any]) -> None:
    assert compose["networks"]["services"] == {"internal": True}
    assert all("services" in service["networks"] for service in compose["services"].values())


def test_the_workflow_may_only_read(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in workflow["jobs"].values())
    assert "pull_request_target" not in str(workflow)


def test_every_job_of_the_workflow_has_a_bound_and_pinned_actions(workflow: dict[str, Any]) -> None:
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+(\.\d+)*|[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"]), name


def test_the_workflow_runs_what_a_person_runs(workflow: dict[str, Any], repository: Repository) -> None:
    commands = {step.get("run") for job in workflow["jobs"].values() for step in job["steps"]}
    assert {"make check", "make test"} <= commands
    assert re.findall(r"^make \w+$", repository.read(".ci/run"), re.MULTILINE) == [
        "make check",
        "make test",
        "make conformance",
    ]
