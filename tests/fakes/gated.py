"""A service with one route for each kind of permission."""

from pathlib import Path
from typing import Annotated

import httpx
from fastapi import APIRouter, Depends, FastAPI

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.security import Principal, require
from tillhand_common.settings import CommonSettings

router = APIRouter(prefix="/v1")


@router.get("/documents")
async def read(caller: Annotated[Principal, Depends(require("rag:read"))]) -> dict[str, str]:
    """Tell who reads."""
    return {"key": caller.key_id, "kind": caller.kind, "tenant": caller.tenant}


@router.get("/collections/{name}")
async def read_collection(name: str, caller: Annotated[Principal, Depends(require("rag:read"))]) -> None:
    """Answer if the collection is one of the caller's."""
    caller.check_collection(name)


@router.post("/documents")
async def write(caller: Annotated[Principal, Depends(require("rag:read", "rag:write"))]) -> dict[str, str]:
    """Tell who writes."""
    return {"key": caller.key_id}


@router.get("/audit")
async def audit(caller: Annotated[Principal, Depends(require("audit:read"))]) -> dict[str, str]:
    """Tell who looks."""
    return {"key": caller.key_id}


@router.get("/me")
async def me(caller: Annotated[Principal, Depends(require())]) -> dict[str, str]:
    """Tell who asks, whatever they may do."""
    return {"key": caller.key_id}


def service(data_dir: Path, **settings: object) -> FastAPI:
    """Return the service; `settings` are those of the environment."""
    loaded = CommonSettings.model_validate({"data_dir": data_dir, **settings})
    return create_app(
        ServiceSpec(
            name="sample", version="1", title="Sample", description="Sample.", settings=loaded, routers=(router,)
        )
    )


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, object]:
    """Return the document of a problem response of this status and type."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, object] = response.json()
    assert document["type"] == f"urn:tillhand:problem:{slug}"
    return document
