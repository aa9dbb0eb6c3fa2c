"""The live feed over time: the soak of the approvals, with its log."""

from __future__ import annotations

import json
import sys
from typing import Final

from tillhand_cli.evidence.judging import Finding, NotMeasured, green, red
from tillhand_cli.evidence.scene import Scene

AFTER_S: Final = 180.0
"""Beyond its minutes: to start, to catch up and to end."""
FULL_MINUTES: Final = 10.0
LOG: Final = "soak.jsonl"


async def soak(scene: Scene) -> Finding:
    """Whether followers lost nothing under kills, a restart and one who reads nothing."""
    minutes = scene.soak_minutes
    if minutes is None:
        raise NotMeasured("Not run: --soak none. With --soak 10m it takes ten minutes.")
    scene.out.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "tillhand_cli", "soak", "approvals", "--minutes", f"{minutes:g}", "--json")
    ended = await scene.run(*command, "--log", str((scene.out / LOG).resolve()), within_s=minutes * 60 + AFTER_S)
    try:
        figures = ended.json
    except ValueError:
        lines = ended.err.strip().splitlines() or [""]
        return red(f"The soak gave no figures: {lines[-1]}", {"exit": ended.code}, LOG)
    summary = (
        f"{minutes:g} minutes: {figures['delivered']} records to {figures['clients']} followers, "
        f"{figures['lost']} lost, "
        f"{figures['repeated']} repeated, {figures['client_kills']} kills, {figures['server_restarts']} restart"
    )
    file = scene.write("soak.json", json.dumps(figures, indent=2) + "\n")
    if not figures["passed"]:
        return red(f"{summary}; not kept: {', '.join(figures['failed'])}.", figures, LOG, file)
    if minutes < FULL_MINUTES:
        return Finding("amber", f"{summary}. Shorter than the {FULL_MINUTES:g} minutes.", figures, (LOG, file))
    return green(f"{summary}.", figures, LOG, file)
