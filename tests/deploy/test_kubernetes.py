"""The manifests for Kubernetes: strictly valid, hardened, and the same platform as the compose file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from declarations import setting_rows, settings_class
from manifests import FOLDER, NotRendered, Resource, containers, faults, kustomizations, render
from workspace import ROOT, services

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))
RENDERED: Final = {folder: render(folder) for folder in kustomizations()}
BASE: Final = RENDERED[FOLDER / "base"]
OURS: Final = {service.name: service for service in services()}
PART: Final = "app.kubernetes.io/part-of"
NAME: Final = "app.kubernetes.io/name"

each_service = pytest.mark.parametrize("name", OURS)
each_folder = pytest.mark.parametrize("resources", RENDERED.values(), ids=[folder.name for folder in RENDERED])


def of(resources: list[Resource], kind: str) -> dict[str, Resource]:
    return {each["metadata"]["name"]: each for each in resources if each["kind"] == kind}


def pod(name: str, resources: list[Resource] = BASE) -> dict[str, Any]:
    spec: dict[str, Any] = of(resources, "StatefulSet")[name]["spec"]["template"]["spec"]
    return spec


def container(name: str) -> dict[str, Any]:
    (only,) = pod(name)["containers"]
    found: dict[str, Any] = only
    return found


def in_compose(name: str) -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"][name]
    return found


def unset(value: object) -> str:
    """A value of the compose file where the host sets nothing."""
    return re.sub(r"\$\{\w+:?-(.*?)\}", r"\1", str(value))


def mebibytes(size: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([mgMG])i?", size).groups()  # type: ignore[union-attr]  # else the size is wrong
    return int(number) * (1024 if unit.lower() == "g" else 1)


# --- valid ---


@each_folder
def test_every_resource_passes_the_schemas_strictly(resources: list[Resource]) -> None:
    assert not list(faults(resources, ("1.37",)))  # `make check` asks older ones, too


def test_a_misspelt_field_and_an_unknown_kind_are_refused() -> None:
    broken = deepcopy(of(BASE, "StatefulSet")["rag"])
    broken["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFileSystem"] = True
    stranger = {"apiVersion": "v1", "kind": "Pods", "metadata": {"name": "x"}}
    (first, second) = faults([broken, stranger], ("1.37",))
    assert "readOnlyRootFileSystem" in first
    assert "Pods" in second


def test_a_patch_that_meets_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text("- { op: remove, path: /spec/replicas }\n")
    patch = {"path": "p.yaml", "target": {"kind": "StatefulSet", "name": "gone"}}
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({"resources": [], "patches": [patch]}))
    with pytest.raises(NotRendered, match="no StatefulSet gone"):
        render(tmp_path)


# --- hardened ---


@each_folder
def test_every_container_is_hardened_and_bounded(resources: list[Resource]) -> None:
    for name in of(resources, "StatefulSet"):
        spec = pod(name, resources)
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name  # else RAG_PORT and its like come into the environment
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers"} & spec.keys(), name
        assert all("hostPath" not in volume for volume in spec["volumes"]), name
    for each in (each for resource in resources for each in containers(resource)):
        assert each["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"cpu", "memory"} <= each["resources"]["requests"].keys()
        assert {"cpu", "memory"} <= each["resources"]["limits"].keys()
        assert not each["image"].endswith(":latest")


@each_folder
def test_no_secret_has_a_value_here(resources: list[Resource]) -> None:
    assert not of(resources, "Secret")
    text = yaml.safe_dump(resources)
    assert not re.search(r"://[^/\s:@]+:[^/\s@]+@", text)
    names = re.findall(r"name: (TILLHAND_\w*(?:KEY|TOKEN|SECRET|PASSWORD)\b)", text)
    assert not names, "a secret is read from its file, not from the environment"


def test_the_namespace_refuses_less_hardened_pods() -> None:
    labels = of(BASE, "Namespace")["tillhand"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


# --- the same platform as the compose file ---


def test_the_same_services_run() -> None:
    assert of(BASE, "StatefulSet").keys() == OURS.keys() == {name for name in COMPOSE["services"] if name in OURS}
    assert of(BASE, "ServiceAccount").keys() == OURS.keys()
    assert all(account["automountServiceAccountToken"] is False for account in of(BASE, "ServiceAccount").values())


@each_service
def test_a_container_is_the_one_of_the_compose_file(name: str) -> None:
    here, there = container(name), in_compose(name)
    assert here["image"] == unset(there["image"])
    assert f"{pod(name)['securityContext']['runAsUser']}:{pod(name)['securityContext']['runAsGroup']}" == there["user"]
    assert pod(name)["securityContext"]["fsGroup"] == 10001
    assert mebibytes(here["resources"]["limits"]["memory"]) == mebibytes(unset(there["mem_limit"]))
    assert f"{pod(name)['terminationGracePeriodSeconds']}s" == there["stop_grace_period"]
    assert {mount["mountPath"] for mount in here["volumeMounts"]} >= {"/data", "/data/keys", "/tmp"}  # noqa: S108 - a path in the container


@each_service
def test_a_service_listens_where_the_compose_file_says(name: str) -> None:
    port = int(str(in_compose(name)["ports"][0]).rpartition(":")[2])
    assert [each["containerPort"] for each in container(name)["ports"]] == [port]
    service = of(BASE, "Service")[name]["spec"]
    assert [each["port"] for each in service["ports"]] == [port]
    assert service["selector"] == {NAME: name, PART: "tillhand"}
    assert service["selector"] == of(BASE, "StatefulSet")[name]["spec"]["template"]["metadata"]["labels"]


JOINED_OTHERWISE: Final = {"TILLHAND_DRAIN_DELAY_S"}
"""What a cluster wants otherwise than one machine."""


@each_service
def test_a_service_is_told_what_the_compose_file_tells_it(name: str) -> None:
    joined = of(BASE, "ConfigMap")["tillhand-joined"]["data"]
    given = {**joined, **{each["name"]: each["value"] for each in container(name)["env"]}}
    expected = {key: unset(value) for key, value in in_compose(name)["environment"].items()}
    differing = {key for key, value in expected.items() if given.get(key, "") != value}
    assert differing <= JOINED_OTHERWISE
    assert container(name)["envFrom"] == [{"configMapRef": {"name": "tillhand-joined"}}]


@each_folder
def test_every_variable_is_a_setting_or_stands_in_the_compose_file(resources: list[Resource]) -> None:
    known = {row[0] for rows in setting_rows().values() for row in rows} | set(in_compose("rag")["environment"])
    assert set(re.findall(r"\bTILLHAND_[A-Z_]+\b", yaml.safe_dump(resources))) <= known


# --- watched, moved and scaled ---


@each_service
def test_a_pod_is_asked_for_what_the_service_says_of_itself(name: str) -> None:
    probes = {kind: container(name)[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
    assert {kind: probe["httpGet"]["path"] for kind, probe in probes.items()} == {
        "startup": "/health",
        "liveness": "/health",
        "readiness": "/ready?for=traffic",
    }
    start = int(re.sub(r"\D", "", in_compose(name)["healthcheck"]["start_period"]))
    assert probes["startup"]["periodSeconds"] * probes["startup"]["failureThreshold"] >= start


@each_folder
def test_what_has_one_writer_has_one_replica_and_what_scales_keeps_one(resources: list[Resource]) -> None:
    scaled, budgets = of(resources, "HorizontalPodAutoscaler"), of(resources, "PodDisruptionBudget")
    for name, workload in of(resources, "StatefulSet").items():
        spec, budget = workload["spec"], budgets[name]["spec"]
        assert budget["selector"] == spec["selector"]
        if name in scaled:
            assert "replicas" not in spec
            assert scaled[name]["spec"]["minReplicas"] >= 2
            assert budget.get("minAvailable") == 1
            assert "maxUnavailable" not in budget
        else:
            assert spec["replicas"] == 1
            assert budget.get("maxUnavailable") == 1
    on_postgresql = "TILLHAND_DATABASE_URL" in yaml.safe_dump(pod("approvals", resources))
    assert scaled.keys() == {"mcp", "approvals"} if on_postgresql else {"mcp"}


# --- who may speak to whom ---


def edges(direction: str) -> Iterator[tuple[str, str, int]]:
    """Who opens a connection to whom, at which port, by the policies of one direction."""
    side = "from" if direction == "ingress" else "to"
    for policy in of(BASE, "NetworkPolicy").values():
        own = policy["spec"]["podSelector"].get("matchLabels", {}).get(NAME)
        for rule in policy["spec"].get(direction, []) if own else []:
            for peer in rule[side]:
                other = peer["podSelector"]["matchLabels"][NAME]
                pair = (other, own) if direction == "ingress" else (own, other)
                yield from ((*pair, port["port"]) for port in rule["ports"])


def asked_by_settings() -> set[tuple[str, str, int]]:
    """Whose address a service reads: it has no other way to know one."""
    ports = {name: container(name)["ports"][0]["containerPort"] for name in OURS}
    return {
        (name, other, ports[other])
        for name, service in OURS.items()
        for other in OURS
        if f"{other}_url" in settings_class(service).model_fields
    }


def test_nothing_speaks_to_anything_by_default() -> None:
    policies = of(BASE, "NetworkPolicy")
    assert policies["nothing"]["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert "ipBlock" not in yaml.safe_dump(policies)


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_the_edges_are_those_whose_address_a_service_reads(direction: str) -> None:
    assert set(edges(direction)) == asked_by_settings()


def test_an_overlay_lets_nobody_reach_the_clusters_own_addresses() -> None:
    policies = [policy for resources in RENDERED.values() for policy in of(resources, "NetworkPolicy").values()]
    peers = [peer for policy in policies for rule in policy["spec"].get("egress", []) for peer in rule["to"]]
    blocks = [peer["ipBlock"] for peer in peers if "ipBlock" in peer]
    assert blocks
    assert all(
        {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= {*each["except"]} for each in blocks
    )
