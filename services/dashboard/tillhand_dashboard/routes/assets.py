"""Style and scripts, under names that hold a digest of their content: a browser keeps them for good."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from tillhand_common.problems import NotFound, responses

FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
FOREIGN: Final = ("htmx.js", "uplot.js", "uplot.css")
"""What the set-up fetches. Without it pages work as they do without JavaScript, and charts are not zoomed."""
TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_GOOD: Final = "public, max-age=31536000, immutable"
POLICY: Final = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
"""For the worker, which asks for events: of a script in a page that of the page counts."""
_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, and its content as it goes over the wire."""

    content: bytes
    packed: bytes
    media_type: str


class Assets:
    """All of them, read once."""

    def __init__(self, browser: Path) -> None:
        self._files: dict[str, Asset] = {}
        self._paths: dict[str, str] = {}
        foreign = [browser / name for name in FOREIGN]
        for path in [*sorted(FOLDER.iterdir()), *foreign]:
            if path.suffix in TYPES and path.is_file():
                self._add(path)
        if missing := [path.name for path in foreign if path.name not in self._paths]:
            _log.warning("scripts_missing", names=missing, remedy="python tools/browser.py")

    @property
    def paths(self) -> Mapping[str, str]:
        """Where each is, by its plain name."""
        return self._paths

    def get(self, name: str) -> Asset | None:
        """The file of this name, digest included."""
        return self._files.get(name)

    def _add(self, path: Path) -> None:
        content = path.read_bytes()
        name = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:12]}{path.suffix}"
        self._files[name] = Asset(content, gzip.compress(content, 9, mtime=0), TYPES[path.suffix])
        self._paths[path.name] = f"/static/{name}"


router = APIRouter(tags=["assets"])


@router.get("/static/{name}", response_class=Response, responses=responses(NotFound))
async def get_asset(name: str, request: Request) -> Response:
    """Style, script or picture. Its name holds a digest of it, so it never changes."""
    assets: Assets = request.app.state.dashboard.assets
    found = assets.get(name)
    if found is None:
        raise NotFound("There is no such file.")
    headers = {"cache-control": FOR_GOOD, "vary": "accept-encoding", "content-security-policy": POLICY}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(found.packed, media_type=found.media_type, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)
