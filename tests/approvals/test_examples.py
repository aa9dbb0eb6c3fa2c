"""The worked examples of the documents do what the documents say."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from pathlib import Path

import pytest

from tests.approvals.shop import Shop, shop

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ORIGIN = "https://ops.example.com"


async def ended(*command: str | Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    out, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, out.decode()


async def exported(opened: Shop, folder: Path) -> tuple[Path, Path]:
    """An export, and the checkpoints of it."""
    for _ in range(3):
        await opened.propose(justification='A quote: ","hash":"', evidence=[{"größe": "50 € „fein“"}])
    export, points = folder / "export.jsonl", folder / "checkpoints.jsonl"
    export.write_bytes((await opened.call("operator", "GET", "/v1/audit/export")).content)
    listed = (await opened.call("operator", "GET", "/v1/audit/checkpoints")).json()["items"]
    points.write_text("".join(f"{json.dumps(each)}\n" for each in listed))
    return export, points


async def test_an_export_is_verified_by_a_program_that_shares_nothing_with_ours(tmp_path: Path) -> None:
    async with shop(tmp_path / "data", checkpoint_every=1) as opened:
        export, points = await exported(opened, tmp_path)
    program = EXAMPLES / "verify_export.py"
    keys = tmp_path / "data" / "approvals" / "signing" / "audit.pub"
    code, said = await ended(sys.executable, program, export, points, keys)
    assert code == 0, said
    assert "records hold" in said
    lines = export.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if "fein" in line)
    export.write_text("\n".join([*lines[:at], lines[at].replace("fein", "grob"), *lines[at + 1 :]]), "utf-8")
    code, said = await ended(sys.executable, program, export)
    assert (code, said) == (1, f"{at + 1}: changed\n")
    export.write_text("\n".join([lines[0], *lines[2:]]), "utf-8")
    code, said = await ended(sys.executable, program, export)
    assert code == 1
    assert "2: missing" in said


async def test_a_front_end_of_another_origin_follows_the_feed(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    async with shop(tmp_path) as opened:
        made = await opened.propose()
        process = await asyncio.create_subprocess_exec(
            node,
            str(EXAMPLES / "feed.mjs"),
            str(opened.http.base_url),
            opened.tokens["operator"],
            "0",
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(30):
                first = [(await process.stdout.readline()).decode() for _ in range(2)]
                await opened.decide("operator", made, "approve")
                second = (await process.stdout.readline()).decode()
        finally:
            process.kill()
            await process.wait()
    assert [line.split()[:2] for line in first] == [["1", "tools.registered"], ["2", "proposal.created"]]
    assert second.split() == ["3", "decision.made", made["id"]]


async def test_pages_of_the_origins_that_are_named_may_call_and_no_others(tmp_path: Path) -> None:
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "authorization,last-event-id"}
    async with shop(tmp_path, allowed_origins=ORIGIN) as opened:
        allowed = await opened.http.options("/v1/events", headers={"origin": ORIGIN, **asked})
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, ORIGIN)
        assert "access-control-allow-credentials" not in allowed.headers
        other = await opened.http.options("/v1/events", headers={"origin": "https://evil.example.com", **asked})
        assert other.status_code == 403
        assert "access-control-allow-origin" not in other.headers
        read = await opened.call("operator", "GET", "/v1/proposals", origin=ORIGIN)
        assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, ORIGIN)
    async with shop(tmp_path / "closed") as opened:
        refused = await opened.http.options("/v1/events", headers={"origin": ORIGIN, **asked})
        assert refused.status_code == 403
