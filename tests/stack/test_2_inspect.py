"""What the engine and the kernel say of the containers, not what the compose file says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.stack.conftest import Evidence
from tests.stack.running import SERVICES, container, docker, inside

MIB = 1024 * 1024
BUDGET_MIB = 40
# Sizes in an image, by whom they come from: locked packages, what they brought for the service, and ourselves.
SIZES = """
import json, pathlib, sysconfig
def size(folder):
    return sum(f.lstat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
site = pathlib.Path(sysconfig.get_path("purelib"))
ours = sum(size(f) for f in site.iterdir() if f.is_dir() and f.name.startswith("tillhand_"))
print(json.dumps([size(site) - ours + size(site.parents[2] / "share" / "tillhand"), ours]))
"""
INSTALLED = """
import importlib.metadata as m, re
print(*sorted(re.sub(r"[-_.]+", "-", d.name).lower() + "==" + d.version for d in m.distributions()))
"""


@pytest.mark.point(11)
@pytest.mark.parametrize("service", SERVICES)
def test_a_container_is_as_hard_as_it_was_written(service: str, evidence: Evidence) -> None:
    found = container(service)
    host, config = found["HostConfig"], found["Config"]
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert not host["CapAdd"]
    assert host["Privileged"] is False
    assert "no-new-privileges:true" in host["SecurityOpt"]
    assert config["User"] == "10001:10001"
    assert host["Memory"] > 0
    assert host["NanoCpus"] > 0
    assert 0 < host["PidsLimit"] <= 1024
    assert host["Init"] is True
    assert host["LogConfig"]["Config"]["max-size"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert all("noexec" in options for options in host["Tmpfs"].values())
    bindings = [each for ports in host["PortBindings"].values() for each in ports]
    assert {each["HostIp"] for each in bindings} == {"127.0.0.1"}
    evidence(f"{service}: {host['Memory'] // MIB} MiB, {host['NanoCpus'] / 1e9:g} cores, {host['PidsLimit']} processes")


@pytest.mark.point(11)
@pytest.mark.parametrize("service", SERVICES)
def test_a_process_has_no_rights_to_lose(service: str) -> None:
    status = dict(line.split(":", 1) for line in inside(service, "cat", "/proc/1/status").splitlines() if ":" in line)
    assert status["Uid"].split() == ["10001"] * 4
    assert {int(status[name].strip(), 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {0}
    assert status["NoNewPrivs"].strip() == "1"
    assert status["Seccomp"].strip() == "2"
    assert "noexec" in next(line for line in inside(service, "cat", "/proc/mounts").splitlines() if " /tmp " in line)


@pytest.mark.point(11)
@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", ["/probe", "/opt/tillhand/probe", "/usr/local/bin/probe"])
def test_the_root_file_system_cannot_be_written(service: str, path: str) -> None:
    script = f"import sys; sys.exit(0 if not __import__('os').access({path.rpartition('/')[0] or '/'!r}, 2) else 1)"
    inside(service, "python", "-c", script)


@pytest.mark.point(12)
def test_no_secret_stands_in_an_environment_a_label_or_a_history(evidence: Evidence) -> None:
    folder = Path(os.environ["TILLHAND_SECRETS"])
    files = [file for file in folder.iterdir() if file.stat().st_size]
    keys = [f"/data/keys/{kind}.key" for kind in ("agent", "dashboard", "operator", "service")]
    secrets = [*(file.read_text().strip() for file in files), *(inside("rag", "cat", key).strip() for key in keys)]
    seen = ""
    for service in SERVICES:
        found = container(service)
        seen += docker("inspect", found["Id"]) + docker("history", "--no-trunc", found["Config"]["Image"])
        seen += inside(service, "cat", "/proc/1/environ") + docker("logs", found["Id"])
    assert len(secrets) >= 6
    assert not [secret[:6] for secret in secrets if secret in seen]
    evidence(f"{len(secrets)} secrets searched for in {len(seen)} characters of inspect, history, environ, log: none")


@pytest.mark.point(12)
@pytest.mark.parametrize("service", ["approvals", "mcp", "rag", "dashboard"])
def test_secrets_are_files_that_only_their_own_service_gets(service: str) -> None:
    mounted = {each["Destination"] for each in container(service)["Mounts"] if "/run/secrets/" in each["Destination"]}
    assert mounted
    assert ("/run/secrets/tillhand_database_password" in mounted) == (service == "approvals")
    assert ("/run/secrets/tillhand_bing_api_key" in mounted) == (service == "mcp")


@pytest.mark.point(12)
def test_a_start_without_a_secret_fails_and_names_it(tmp_path: Path, evidence: Evidence) -> None:
    stack = os.environ["TILLHAND_STACK"].replace("tillhand-test", "tillhand-broken").split()
    ports = {f"TILLHAND_{name}_PORT": "0" for name in ("APPROVALS", "MCP", "RAG")}
    env = {**os.environ, **ports, "TILLHAND_SECRETS": str(tmp_path / "none")}
    command = [*stack, "up", "--detach", "--no-deps", "approvals"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=env)
    finally:
        subprocess.run([*stack, "down", "--volumes"], capture_output=True, check=True, timeout=120, env=env)
    assert done.returncode != 0
    named = [
        line
        for line in done.stderr.splitlines()
        if "tillhand_database_password" in line or "tillhand_assistant" in line
    ]
    assert named, done.stderr
    evidence(named[-1].strip()[-160:])


@pytest.mark.point(9)
def test_a_broken_service_fails_the_command_and_is_named(evidence: Evidence) -> None:
    stack = os.environ["TILLHAND_STACK"].replace("tillhand-test", "tillhand-broken").split()
    env = {**os.environ, "TILLHAND_RATE_LIMIT": "nonsense", "TILLHAND_ANALYTICS_PORT": "0"}
    command = [*stack, "up", "--detach", "--wait", "--wait-timeout", "120", "--no-deps", "analytics"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200, env=env)
        log = subprocess.run(
            [*stack, "logs", "analytics"], capture_output=True, text=True, check=True, timeout=60, env=env
        )
    finally:
        subprocess.run([*stack, "down", "--volumes"], capture_output=True, check=True, timeout=120, env=env)
    assert done.returncode != 0
    assert "analytics" in done.stderr.splitlines()[-1]
    assert "TILLHAND_RATE_LIMIT" in log.stdout
    evidence(f"exit code {done.returncode}: {done.stderr.splitlines()[-1].strip()}; its log names TILLHAND_RATE_LIMIT")


@pytest.mark.point(19)
@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_hardly_more_than_its_dependencies(service: str, evidence: Evidence) -> None:
    base = int(docker("image", "inspect", "--format", "{{.Size}}", os.environ["TILLHAND_STACK_BASE"]))
    size = int(docker("image", "inspect", "--format", "{{.Size}}", container(service)["Config"]["Image"]))
    dependencies, ours = json.loads(inside(service, "python", "-c", SIZES))
    own = size - base - dependencies
    evidence(
        f"{service}: {size / MIB:.0f} MiB = base {base / MIB:.0f} + dependencies {dependencies / MIB:.0f} "
        f"+ {own / MIB:.0f} (promised: {BUDGET_MIB}; our code {ours / MIB:.1f})"
    )
    assert own <= BUDGET_MIB * MIB


@pytest.mark.point(19)
@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_what_its_lock_names_and_nothing_else(service: str, evidence: Evidence) -> None:
    installed = set(inside(service, "python", "-c", INSTALLED).split())
    lock = Path(__file__).resolve().parents[2] / "requirements" / f"{service}.txt"
    locked = {
        line.split()[0].lower()
        for line in lock.read_text("utf-8").splitlines()
        if "==" in line[:60] and line[0] not in " #"
    }
    others = {each for each in installed if not each.startswith("tillhand-")}
    assert others <= {each.partition("[")[0] for each in locked} | locked
    assert not {"pip", "torch", "transformers"} & {each.partition("==")[0] for each in installed}
    evidence(f"{service}: {len(others)} distributions, each in requirements/{service}.txt; no torch, no installer")
