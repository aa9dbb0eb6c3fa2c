"""The scorer of the compose file: every service holds every item, and one that lacks an item is named with it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

import hardening

STACK: dict[str, Any] = yaml.safe_load(hardening.COMPOSE.read_text("utf-8"))
SPOILED = "approvals"
# What is wrong with a service, for each item one way; None takes the field away.
WRONG: dict[str, dict[str, Any]] = {
    "read-only root": {"read_only": False},
    "no capabilities": {"cap_drop": ["NET_RAW"]},
    "no new privileges": {"security_opt": []},
    "seccomp and apparmor kept": {"security_opt": ["no-new-privileges:true", "seccomp=unconfined"]},
    "numeric user": {"user": "0:0"},
    "no powers": {"cap_add": ["SYS_ADMIN"]},
    "no engine socket": {"volumes": ["/var/run/docker.sock:/var/run/docker.sock:ro"]},
    "read-only mounts": {"volumes": ["./prometheus:/etc/prometheus"]},
    "memory": {"mem_limit": None},
    "cores": {"cpus": None},
    "processes": {"pids_limit": -1},
    "tmpfs": {"tmpfs": ["/tmp"]},  # noqa: S108 - a place in a container
    "init": {"init": None},
    "log rotation": {"logging": {"driver": "json-file"}},
    "health check": {"healthcheck": {"test": ["CMD-SHELL", "curl localhost"], "interval": "5s"}},
    "restart": {"restart": "no"},
    "grace": {"stop_grace_period": None},
    "gated": {"depends_on": ["rag"]},
    "loopback": {"ports": ["8003:8003"]},
    "pinned image": {"image": "${TILLHAND_APPROVALS_IMAGE:-tillhand/approvals:latest}"},
    "no credentials": {"environment": {"TILLHAND_DATABASE_PASSWORD": "${PASSWORD:-approvals}"}},
    "inner network": {"networks": ["edge"]},
}


def spoiled(change: dict[str, Any]) -> dict[str, Any]:
    stack = copy.deepcopy(STACK)
    service: dict[str, Any] = stack["services"][SPOILED]
    service.update(change)
    for field in [field for field, value in change.items() if value is None]:
        del service[field]
    return stack


def test_every_service_holds_every_item() -> None:
    assert hardening.missing(STACK) == []


def test_there_is_a_way_to_fail_each_item() -> None:
    assert set(WRONG) == set(hardening.ITEMS)


@pytest.mark.parametrize("item", WRONG)
def test_a_service_that_lacks_an_item_is_named_with_it(item: str) -> None:
    assert hardening.missing(spoiled(WRONG[item])) == [f"{SPOILED}: {item}"]


@pytest.mark.parametrize(
    ("item", "change"),
    [
        ("health check", {"healthcheck": None}),
        ("pinned image", {"image": "tillhand/approvals:0.1.0"}),
        ("pinned image", {"image": "${TILLHAND_APPROVALS_IMAGE:-tillhand/approvals}"}),
        ("numeric user", {"user": None}),
        ("loopback", {"ports": [{"target": 8003, "published": 8003}]}),
        ("no credentials", {"environment": {"TILLHAND_DATABASE_URL": "postgresql://approvals:approvals@postgres/a"}}),
        ("gated", {"depends_on": {"rag": {"condition": "service_started"}}}),
        ("no powers", {"network_mode": "host"}),
    ],
)
def test_other_ways_to_lack_it_count_too(item: str, change: dict[str, Any]) -> None:
    assert hardening.missing(spoiled(change)) == [f"{SPOILED}: {item}"]


def test_an_inner_network_that_leads_out_is_named() -> None:
    stack = copy.deepcopy(STACK)
    stack["networks"]["services"] = {"internal": False}
    assert hardening.missing(stack) == ["networks: services is not internal"]


def test_the_command_prints_the_table_and_fails_with_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "compose.yaml"
    broken.write_text(yaml.safe_dump(spoiled({"read_only": False})))
    monkeypatch.setattr("sys.argv", ["hardening.py", str(broken)])
    assert hardening.main() == 1
    printed = capsys.readouterr().out
    assert f"missing: {SPOILED}: read-only root" in printed
    monkeypatch.setattr("sys.argv", ["hardening.py"])
    assert hardening.main() == 0
