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
