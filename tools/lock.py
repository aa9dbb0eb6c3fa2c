"""Compile requirements/*.txt: pinned, hashed, without any address in them (`make lock`).

app.txt holds every member; each service has a lock of its own, cut from it, for its image; the others come from their
*.in file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from workspace import REQUIREMENTS, ROOT, VENV, Member, members, services

# The optional extras that a member's lock includes: faster routes that need no further decision.
EXTRAS = {"tillhand-rag": "[openvino]"}
UNIVERSAL = ("--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--generate-hashes")
# torch comes from a wheel folder or from torch's own index, under other hashes: pinned by version alone.
TORCH = ("--python-version", "3.11")


def source(member: Member) -> str:
    return f"./{member.folder.relative_to(ROOT)}{EXTRAS.get(member.distribution, '')}"


def closure(service: Member) -> list[Member]:
    """What a service's image holds: the service, the libraries it names, and the command that manages its keys."""
    named = (service.folder / "pyproject.toml").read_text()
    libraries = [member for member in members() if member.kind == "libs"]
    return [*(lib for lib in libraries if lib.name == "cli" or f'"{lib.distribution}=' in named), service]


def compile_lock(name: str, lines: list[str], *flags: str) -> None:
    """Resolve `lines` into requirements/`name`.txt; what the old lock pins stays unless --upgrade is given."""
    output = REQUIREMENTS / f"{name}.txt"
    command = [
        *(str(VENV / "bin" / "uv"), "pip", "compile", "-", "--quiet", "--no-header", "--no-annotate"),
        *("--no-emit-index-url", "--no-emit-find-links", "--output-file", str(output), *flags),
        *(flag for member in members() for flag in ("--no-emit-package", member.distribution)),
        *(["--upgrade"] if "--upgrade" in sys.argv[1:] else []),
    ]
    environment = dict(os.environ)
    if "PIP_FIND_LINKS" in environment:
        environment.setdefault("UV_FIND_LINKS", ",".join(environment["PIP_FIND_LINKS"].split()))
    prefer_local_torch(output)
    subprocess.run(command, input="\n".join(lines), text=True, check=True, cwd=ROOT, env=environment)
    drop_local_version(output)
    refuse_cuda(output)
    print(f"requirements/{output.name}")


def prefer_local_torch(lock: Path) -> None:
    """Forget the old pin of torch: `2.13.0` would win over the CPU build `2.13.0+cpu`, and bring CUDA with it."""
    if lock.exists():
        kept = [line for line in lock.read_text().splitlines(keepends=True) if not line.startswith("torch==")]
        lock.write_text("".join(kept))


def refuse_cuda(lock: Path) -> None:
    if "nvidia-" in lock.read_text():
        sys.exit(f"{lock}: CUDA packages came in; set PIP_FIND_LINKS to a folder with torch's CPU wheel")


def drop_local_version(lock: Path) -> None:
    """Write `torch==2.13.0` for `torch==2.13.0+cpu`, which exists on Linux only."""
    lock.write_text(lock.read_text().replace("+cpu\n", "\n"))


def declared(name: str) -> list[str]:
    return (REQUIREMENTS / f"{name}.in").read_text().splitlines()


def main() -> None:
    compile_lock("build", declared("build"), *UNIVERSAL)
    compile_lock("app", [source(member) for member in members()], *UNIVERSAL)
    app = ("--constraint", "requirements/app.txt")
    for service in services():
        compile_lock(service.name, [source(member) for member in closure(service)], *UNIVERSAL, *app)
    compile_lock("dev", declared("dev"), *UNIVERSAL, *app)
    for name in ("model", "llm", "ner", "node", "schemas"):
        compile_lock(name, declared(name), *UNIVERSAL, "--no-deps")
    compile_lock("judges", declared("judges"), *UNIVERSAL)
    compile_lock("torch", declared("torch"), *TORCH, *app)
    compile_lock("peers", declared("peers"), *TORCH)


if __name__ == "__main__":
    main()
