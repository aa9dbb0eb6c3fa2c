"""Build the images, run the compose file on a real engine, test it from outside, take it down (`make stack-test`).

usage: stack.py [--keep-engine] [options of pytest]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import credentials
import engine
import standins
from workspace import ROOT

COMPOSE: Final = (
    "docker",
    "compose",
    "--project-name",
    "tillhand-test",
    "--file",
    str(ROOT / "deploy" / "compose.yaml"),
)
# Other ports than those of a platform that may run here already.
PORTS: Final = {
    "TILLHAND_RAG_PORT": "18001",
    "TILLHAND_MCP_PORT": "18002",
    "TILLHAND_APPROVALS_PORT": "18003",
    "TILLHAND_ANALYTICS_PORT": "18004",
    "TILLHAND_DASHBOARD_PORT": "13000",
    "TILLHAND_PROMETHEUS_PORT": "19090",
    "TILLHAND_ALERTMANAGER_PORT": "19093",
}
REPLICAS: Final = str(ROOT / "deploy" / "compose.replicas.yaml")
EVERYTHING: Final = "observability,postgres"
HEALTHY_S: Final = "300"
UNHEALTHY: Final = "{{.Name}}: {{range .State.Health.Log}}{{.Output}}{{end}}"
NO_ENGINE: Final = 3


def compose(env: Mapping[str, str], *arguments: str) -> float:
    """One compose command; its output is the person's to see. Returns the seconds that it took."""
    print(f"  compose {' '.join(arguments)}", flush=True)
    started = time.monotonic()
    done = subprocess.run([*COMPOSE, *arguments], env=dict(env), check=False, stdin=subprocess.DEVNULL)
    took_s = time.monotonic() - started
    if done.returncode != 0:
        show_probes(env)
        raise engine.EngineError(f"compose {arguments[0]} failed")
    print(f"  compose {arguments[0]}: {took_s:.1f} s", flush=True)
    return took_s


def show_probes(env: Mapping[str, str]) -> None:
    """Say for each container what its health checks have printed: they name the check that fails."""
    listed = subprocess.run([*COMPOSE, "ps", "--all", "--quiet"], env=dict(env), capture_output=True, check=False)
    names = listed.stdout.decode().split()
    subprocess.run(["docker", "inspect", "--format", UNHEALTHY, *names], env=dict(env), check=False)


def tested(env: Mapping[str, str], options: list[str]) -> int:
    """Bring everything up, run the tests, take everything down; the exit code of pytest."""
    everything = {**env, "COMPOSE_PROFILES": EVERYTHING}
    compose(env, "build", "--quiet")
    compose(everything, "down", "--volumes", "--remove-orphans")
    try:
        up_s = compose(env, "up", "--detach", "--wait", "--wait-timeout", HEALTHY_S)
        told = {"TILLHAND_STACK": " ".join(COMPOSE), "TILLHAND_STACK_UP_S": str(up_s)}
        told["TILLHAND_STACK_BASE"] = env.get("TILLHAND_PYTHON_IMAGE", engine.PYTHON_IMAGE)
        tests = [sys.executable, "-m", "pytest", "--numprocesses", "0", "--no-header", "-rs", "tests/stack", *options]
        return subprocess.run(tests, cwd=ROOT, env={**env, **told}, check=False).returncode
    finally:
        # Compose forgets volumes that a file on top has replaced: each way to run it is taken down.
        compose({**everything, "TILLHAND_DATABASE_URL": "unused"}, "--file", REPLICAS, "down", "--volumes")
        compose(everything, "down", "--volumes")


def main() -> int:
    options = [option for option in sys.argv[1:] if option != "--keep-engine"]
    try:
        env = engine.engine()
        env = {**env, **engine.base_images(env), **PORTS}
        print(f"  stand-ins: {', '.join(standins.provide(env)) or 'none, all images are their makers own'}", flush=True)
    except engine.EngineError as failure:
        print(f"no container engine can be had here, so the stack was NOT tested: {failure}", file=sys.stderr)
        return NO_ENGINE
    try:
        with tempfile.TemporaryDirectory() as folder:
            credentials.make(Path(folder))
            return tested({**env, "TILLHAND_SECRETS": folder}, options)
    except engine.EngineError as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        if options == sys.argv[1:]:
            engine.stop_private()


if __name__ == "__main__":
    sys.exit(main())
