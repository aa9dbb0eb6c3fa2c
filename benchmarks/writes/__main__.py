"""Whether what people approved is done once, and nothing else: under faults, broken lines and kills.

    python -m benchmarks.writes [--writes 10000] [--kills 40] [--seed 1] [--json]

The approvals, the connectors and a mock shop run as processes. Agents propose through the connectors' HTTP face; a
policy approves some in advance, people approve, edit, reject or leave the others. Meanwhile the shop fails before and
after its effects, the line to the approvals is cut, and processes are killed. At the end the shop's own record of
writes is held against the approvals'. Exit code 1 where they do not agree.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks.writes.run import Plan, Told, proved
from benchmarks.writes.verdict import MOST_SHOWN, Verdict


def show(plan: Plan, verdict: Verdict, told: Told) -> None:
    """Print what was found."""
    states = ", ".join(f"{state} {count}" for state, count in sorted(verdict.states.items()))
    answers = ", ".join(f"{answer} {count}" for answer, count in told.answers.most_common())
    kills = ", ".join(f"{name} {count}" for name, count in told.kills.items())
    lines = {
        "writes proposed": f"{plan.writes} in {told.took_s:.0f} s: {plan.writes / told.took_s:.1f} a second",
        "… answered": answers,
        "faults scripted, line cut, kills": f"{told.faults}, {told.cuts}, {kills or 'none'}",
        "proposals": states,
        "writes at the shop": str(verdict.writes),
        "twice under one key (goal 0)": str(verdict.twice_by_key),
        "twice for one proposal (goal 0)": str(verdict.twice_by_proposal),
        "without an approval (goal 0)": str(verdict.unapproved),
        "approved, never ended (goal 0)": str(verdict.unended),
        "unknown, of these done": f"{verdict.states['outcome_unknown']}, {verdict.unknown_done}",
        "audit chain verifies": "yes" if verdict.audit_ok else "NO",
        "wrong (goal 0)": str(len(verdict.wrong)),
    }
    print("| what | figure |\n|---|---|")
    print("\n".join(f"| {what} | {figure} |" for what, figure in lines.items()))
    print("\n".join(verdict.wrong[:MOST_SHOWN]))


def main() -> int:
    """Prove it, print it, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--kills", type=int, help="one for every 250 writes, unless said")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--share", type=float, default=0.08, help="the share of the shop's calls that go wrong")
    parser.add_argument("--silences", type=int, default=2, help="writes that are never answered")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kills = options.writes // 250 if options.kills is None else options.kills
    plan = Plan(options.writes, kills, options.seed, options.share, silences=options.silences)
    with tempfile.TemporaryDirectory(prefix="tillhand-writes-") as folder:
        verdict, told = asyncio.run(proved(Path(folder), plan))
    if options.json:
        print(json.dumps({"plan": asdict(plan), "ok": verdict.ok, **asdict(verdict), **asdict(told)}))
    else:
        show(plan, verdict, told)
    return 0 if verdict.ok else 1


if __name__ == "__main__":
    sys.exit(main())
