"""The record: its chain verified by the service and from files alone, and a byte of it changed to see that it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from tillhand_cli.errors import CommandError, ExitCode
from tillhand_cli.evidence.judging import Finding, NotMeasured, found
from tillhand_cli.evidence.scene import Scene

CREATED: Final = b'"proposal.created"'
CHANGED: Final = b'"proposal.cleared"'
OK: Final = 200


async def chain(scene: Scene) -> Finding:
    """Whether the record holds, online and offline, and whether a change of one word in it is found."""
    verified = await verified_record(scene)
    export = (await scene.ask("approvals", "/v1/audit/export", who="operator")).body
    checkpoints = (await scene.ask("approvals", "/v1/audit/checkpoints", who="operator")).body
    if CREATED not in export:
        raise NotMeasured("The record holds no proposal to alter, since the story was not played.")
    files = [scene.write("audit/export.jsonl", export), scene.write("audit/checkpoints.json", checkpoints)]
    files.append(scene.write("audit/public-keys.pem", _public_keys(scene.platform.folder)))
    heads, signers = scene.out / files[1], scene.out / files[2]
    offline = _offline(scene.out / files[0], heads, signers)
    files.append(scene.write("audit/export-altered.jsonl", export.replace(CREATED, CHANGED, 1)))
    altered = _offline(scene.out / files[-1], heads, signers)
    reports = {"service": verified, "offline": offline, "altered": altered}
    files.append(scene.write_json("audit/verification.json", reports))
    summary = f"{verified['records']} records hold online: {_yes(verified)}, offline: {_yes(offline)}; "
    summary += (
        "a copy with one word changed was found out" if not altered["ok"] else "a changed copy was taken for good"
    )
    kept = bool(verified["ok"] and offline["ok"] and not altered["ok"])
    return found(kept, f"{summary}.", {"records": verified["records"]}, *files)


async def verified_record(scene: Scene) -> dict[str, Any]:
    """What the approvals find of their own record. Raises CommandError when they do not say."""
    answer = await scene.ask("approvals", "/v1/audit/verify", method="POST", who="operator", json={})
    if answer.status != OK:
        raise CommandError(f"The approvals answered {answer.status} to a verification.", code=ExitCode.UNREACHABLE)
    report: dict[str, Any] = answer.json()
    return report


def _public_keys(folder: Path) -> bytes:
    """By which the record's checkpoints are signed."""
    return b"".join(path.read_bytes() for path in sorted((folder / "approvals" / "signing").glob("*.pub")))


def _offline(export: Path, checkpoints: Path, public_keys: Path) -> dict[str, Any]:
    from tillhand_approvals import commands  # noqa: PLC0415  # other commands do without

    return dict(commands.verify_export(export, checkpoints=checkpoints, public_keys=public_keys))


def _yes(report: dict[str, Any]) -> str:
    return "yes" if report["ok"] else "no"
