"""Bearer tokens that are no keys of ours, paths for everybody, and what a refusal says beside that it is one."""

from pathlib import Path
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from starlette.types import Scope

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.security import Principal, require
from tillhand_common.settings import CommonSettings
from tillhand_common.testing import client

ADA = Principal("issuer#ada", "agent", "north", None, frozenset({"mcp:call"}))


class Tokens:
    """Knows one token."""

    def principal(self, token: str) -> Principal | None:
        """Return whom it stands for."""
        return ADA if token == "of-ada" else None


router = APIRouter()


@router.get("/open")
async def read_open() -> str:
    """Return something for everybody."""
    return "open"


@router.get("/named")
async def read_named(caller: Annotated[Principal, Depends(require("mcp:call"))]) -> str:
    """Return who asks."""
    return f"{caller.tenant} {caller.key_id}"


def spec(data_dir: Path) -> ServiceSpec:
    """Return a service that listens to all the world."""

    def challenge(scope: Scope) -> str:
        return f'path="{scope["path"]}"' if scope["path"] == "/named" else ""

    return ServiceSpec(
        name="sample",
        version="1",
        title="Sample",
        description="A sample.",
        settings=CommonSettings(data_dir=data_dir, host="0.0.0.0"),  # noqa: S104  # nothing is bound
        routers=(router,),
        public=("/open",),
        tokens=Tokens(),
        challenge=challenge,
    )


async def test_a_token_that_the_service_reads_is_as_good_as_a_key(tmp_path: Path) -> None:
    async with client(create_app(spec(tmp_path)), key="of-ada") as http:
        assert (await http.get("/named")).json() == "north issuer#ada"


async def test_a_key_is_still_one(tmp_path: Path) -> None:
    app = create_app(spec(tmp_path))
    async with client(app) as http:
        made = app.state.chassis.keys.create("tester", "agent")
        answer = await http.get("/named", headers={"authorization": f"Bearer {made.token}"})
    assert answer.json() == f"default {made.key.id}"


@pytest.mark.parametrize("key", [None, "of-eve"])
async def test_a_refusal_says_what_the_service_adds_where_it_adds_it(tmp_path: Path, key: str | None) -> None:
    async with client(create_app(spec(tmp_path)), key=key) as http:
        named, other = await http.get("/named"), await http.get("/other")
    assert (named.status_code, other.status_code) == (401, 401)
    assert named.headers["www-authenticate"].endswith(', path="/named"')
    assert "path=" not in other.headers["www-authenticate"]


async def test_a_public_path_needs_no_key_and_minds_no_bad_one(tmp_path: Path) -> None:
    for key in (None, "of-eve"):
        async with client(create_app(spec(tmp_path)), key=key) as http:
            assert (await http.get("/open")).json() == "open"
