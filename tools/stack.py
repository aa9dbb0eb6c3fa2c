"""Build the images, run the compose file on a real engine, test it from outside, take it down (`make stack-test`).

usage: stack.py [--keep-engine] [options of pytest]
"""

from __future__ import annotations

import subprocess
import sys
import time

import engine
from workspace import ROOT

COMPOSE = ("docker", "compose", "--project-name", "tillhand-test", "--file", str(ROOT / "deploy" / "compose.yaml"))
PORT = "18001"
HEALTHY_S = "180"


def compose(env: dict[str, str], *arguments: str) -> None:
    """One compose command; its output is the person's to see."""
    print(f"  compose {' '.join(arguments)}", flush=True)
    started = time.monotonic()
    done = subprocess.run([*COMPOSE, *arguments], env=env, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise engine.EngineError(f"compose {arguments[0]} failed")
    print(f"  compose {arguments[0]}: {time.monotonic() - started:.1f} s", flush=True)


def main() -> int:
    options = [option for option in sys.argv[1:] if option != "--keep-engine"]
    try:
        env = engine.engine()
        env = {**env, **engine.base_images(env), "TILLHAND_RAG_PORT": PORT}
        compose(env, "build", "--quiet")
        compose(env, "down", "--volumes", "--remove-orphans")
        try:
            compose(env, "up", "--detach", "--wait", "--wait-timeout", HEALTHY_S)
            tests = [sys.executable, "-m", "pytest", "tests/stack", *options]
            tested = {**env, "TILLHAND_STACK": " ".join(COMPOSE), "TILLHAND_STACK_URL": f"http://127.0.0.1:{PORT}"}
            return subprocess.run(tests, cwd=ROOT, env=tested, check=False).returncode
        finally:
            subprocess.run([*COMPOSE, "logs", "--tail", "20"], env=env, check=False)
            compose(env, "down", "--volumes")
    except engine.EngineError as failure:
        print(failure, file=sys.stderr)
        return 1
    finally:
        if options == sys.argv[1:]:
            engine.stop_private()


if __name__ == "__main__":
    sys.exit(main())
