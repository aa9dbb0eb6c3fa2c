"""What the platform is for: that it starts, that the one story holds, and that figures leave it as they are."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass, field
from typing import Final

from tillhand_cli.demo.story import Proof, play
from tillhand_cli.evidence.judging import Finding, found
from tillhand_cli.evidence.scene import Scene
from tillhand_cli.output import output

READY_WITHIN_S: Final = 60.0
TABLE: Final = "/v1/inventory/reorder"
OK: Final = 200


@dataclass(slots=True)
class _Told(Proof):
    """Tells the story to a file, not on the screen."""

    lines: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        """Keep what happens."""
        self.lines.append(text)


async def ready(scene: Scene) -> Finding:
    """Whether all five came up in time, and what each says of its checks."""
    answers = {service: await scene.ask(service, "/ready") for service in scene.platform.urls}
    file = scene.write_json("ready.json", {service: answer.json() for service, answer in answers.items()})
    away = [service for service, answer in answers.items() if answer.status != OK]
    summary = f"{len(answers) - len(away)} of {len(answers)} services ready after {scene.ready_s:.1f} s"
    summary += f"; not ready: {', '.join(away)}" if away else ""
    in_time = scene.ready_s <= READY_WITHIN_S
    return found(in_time and not away, f"{summary}.", {"ready_s": round(scene.ready_s, 1)}, file)


async def story(scene: Scene) -> Finding:
    """An agent reads and proposes, a person decides, and each claim is looked at."""
    proof = _Told(output(as_json=True))
    await play(await scene.platform.stage(), proof)
    claims = [{"claim": claim, "held": held} for claim, held in proof.claims]
    files = (scene.write_json("story.json", claims), scene.write("story.txt", "\n".join(proof.lines) + "\n"))
    broken = [claim for claim, held in proof.claims if not held]
    summary = f"{len(claims) - len(broken)} of {len(claims)} claims held"
    summary += f"; not: {', '.join(broken)}" if broken else ""
    return found(proof.whole and bool(claims), f"{summary}.", {"claims": len(claims)}, *files)


async def table(scene: Scene) -> Finding:
    """A table of analytics as a file: whole, twice the same, and saying where it comes from."""
    path = f"{TABLE}/export.csv"
    first, second = [await scene.ask("analytics", path, who="operator") for _ in range(2)]
    rows = list(csv.reader(io.StringIO(first.text)))
    name = scene.write("reorder.csv", first.body)
    digest = hashlib.sha256(first.body).hexdigest()
    figures = {
        "rows": len(rows) - 1,
        "columns": len(rows[0]) if rows else 0,
        "bytes": len(first.body),
        "sha256": digest,
        "file_name": first.headers.get("content-disposition", ""),
        "status": first.status,
    }
    whole = first.status == OK and len(rows) > 1 and len({len(row) for row in rows}) == 1
    again = first.body == second.body
    summary = f"{figures['rows']} rows of {figures['columns']} columns, SHA-256 {digest[:16]}…"
    summary += "" if whole else "; it is not whole"
    summary += "" if again else "; asked again, it was another"
    return found(whole and again, f"{summary}.", figures, name)
