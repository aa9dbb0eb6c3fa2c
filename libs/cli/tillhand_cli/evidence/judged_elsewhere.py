"""What other programs of the project judge: contracts, the protocol's suite, images and bills of materials."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Final

from tillhand_cli.evidence.judging import Finding, NotMeasured, found, green, red
from tillhand_cli.evidence.scene import Scene

CONTRACT_S: Final = 180.0
CONFORMANCE_S: Final = 420.0
ENGINE_S: Final = 30.0
BILLS_S: Final = 120.0
PRIVATE_ENGINE: Final = Path(os.environ.get("TILLHAND_ENGINE_DIR", "/var/tmp/tillhand-engine")) / "docker.sock"  # noqa: S108  # root's: tools/engine.py puts it there
PASSED: Final = re.compile(r"(\d+) passed")
FAILED: Final = re.compile(r"(\d+) (?:failed|errors?)\b")
TOTAL: Final = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)


async def contract(scene: Scene) -> Finding:
    """Whether mocks and adapters keep to the vendors' own schemas and one another."""
    project = _project(scene)
    if not (project / "tests" / "contract").is_dir():
        raise NotMeasured("The tests of the contracts are not in this tree.")
    command = ("-m", "pytest", "-q", "-n", "0", "tests/contract")
    ended = await scene.run(sys.executable, *command, within_s=CONTRACT_S)
    file = scene.write("contract.txt", ended.out)
    if "No module named pytest" in ended.err:
        raise NotMeasured("The test tools are not installed here: make test installs them.")
    passed, failed = (sum(map(int, shape.findall(ended.out[-500:]))) for shape in (PASSED, FAILED))
    summary = f"{passed} passed, {failed} failed."
    return found(ended.code == 0 and passed > 0, summary, {"passed": passed, "failed": failed}, file)


async def conformance(scene: Scene) -> Finding:
    """What the public suite of the protocol finds, and the clients of others."""
    project = _project(scene)
    suite = project / ".conformance" / "node_modules" / "@modelcontextprotocol" / "conformance"
    judges = project / ".venv-judges"
    missing = [each.name for each in (suite, judges) if not each.exists()]
    if missing:
        raise NotMeasured("Not run: the public conformance suite is not set up here (make conformance sets it up).")
    ended = await scene.run(sys.executable, "tools/conformance.py", within_s=CONFORMANCE_S)
    file = scene.write("conformance.txt", ended.out + ended.err)
    total = TOTAL.findall(ended.out)
    if not total:
        last = (ended.err.strip().splitlines() or ["it said nothing"])[-1]
        return red(f"The suite gave no total: {last}", {"exit": ended.code}, file)
    passed, failed = map(int, total[-1])
    kept = ended.code == 0 and failed == 0 and passed > 0
    return found(kept, f"{passed} passed, {failed} failed.", {"passed": passed, "failed": failed}, file)


async def images(scene: Scene) -> Finding:
    """The images that an engine has of the services, and their sizes."""
    if shutil.which("docker") is None:
        raise NotMeasured("There is no container engine on this machine.")
    command = ("docker", "image", "ls", "--format", "{{json .}}", "tillhand/*")
    ended = await scene.run(*command, within_s=ENGINE_S)
    if ended.code != 0 and PRIVATE_ENGINE.exists():
        ended = await scene.run(*command, within_s=ENGINE_S, DOCKER_HOST=f"unix://{PRIVATE_ENGINE}")
    if ended.code != 0:
        raise NotMeasured("No container engine answers here: make stack-test brings one, and builds the images.")
    rows = [json.loads(line) for line in ended.out.splitlines() if line.strip()]
    sizes = {f"{row['Repository']}:{row['Tag']}": row["Size"] for row in rows}
    missing = [
        name for name in scene.platform.urls if not any(image.startswith(f"tillhand/{name}:") for image in sizes)
    ]
    if missing:
        raise NotMeasured(f"This engine has no image of {', '.join(missing)}: make stack-test builds them.")
    told = ", ".join(f"{name} {size}" for name, size in sorted(sizes.items()))
    return green(f"{told}.", sizes, scene.write_json("images.json", rows))


async def bills(scene: Scene) -> Finding:
    """A bill of materials for each service's image."""
    program = _project(scene) / "tools" / "sbom.py"
    if not program.is_file():
        raise NotMeasured("Nothing in this tree writes bills of materials.")
    ended = await scene.run(sys.executable, str(program), within_s=BILLS_S)
    if "ModuleNotFoundError" in ended.err:
        raise NotMeasured("The tools that write them are not installed here: make sbom installs them.")
    if ended.code != 0:
        return red(f"They could not be written: {ended.err.strip()[-300:]}", {"exit": ended.code})
    made = sorted((_project(scene) / "dist" / "sbom").glob("*.json"))
    counts = {path.name: len(json.loads(path.read_bytes()).get("components", ())) for path in made}
    files = [scene.write(f"sbom/{path.name}", path.read_bytes()) for path in made]
    lacking = [name for name in scene.platform.urls if not any(name in path.name for path in made)]
    summary = f"{len(made)} bills of materials with {sum(counts.values())} components"
    summary += f"; none of {', '.join(lacking)}" if lacking else ""
    return found(not lacking and all(counts.values()), f"{summary}.", counts, *files)


def _project(scene: Scene) -> Path:
    if scene.project is None:
        raise NotMeasured("This installation has no source tree: call the command in the repository's folder.")
    return scene.project
