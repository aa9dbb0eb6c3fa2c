"""Whoever leaves in the middle of a form has made no error of ours."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.types import Message, Scope
from structlog.testing import capture_logs

from tillhand_common.app import ServiceSpec, create_app
from tillhand_common.keys import KeyStore, store_path
from tillhand_common.security import Principal, require
from tillhand_common.settings import CommonSettings

router = APIRouter(prefix="/v1")


@router.put("/form")
async def take(request: Request, _caller: Annotated[Principal, Depends(require())]) -> None:
    """Read a form to its end."""
    async with request.form():
        pass


async def test_a_form_that_breaks_off_is_a_bad_request_and_no_error(tmp_path: Path) -> None:
    settings = CommonSettings(data_dir=tmp_path)
    app = create_app(
        ServiceSpec(
            name="sample", version="1", title="Sample", description="Sample.", settings=settings, routers=(router,)
        )
    )
    token = KeyStore(store_path(tmp_path)).create("plain", "agent").token
    coming: list[Message] = [
        {"type": "http.request", "body": b"--x\r\nContent-Disposition: form-data", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0) if len(coming) > 1 else coming[0]

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"host", b"127.0.0.1"),
        (b"content-type", b"multipart/form-data; boundary=x"),
        (b"authorization", f"Bearer {token}".encode()),
    ]
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": "PUT",
        "path": "/v1/form",
        "raw_path": b"/v1/form",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "app": app,
    }
    with capture_logs() as lines:
        async with app.router.lifespan_context(app):
            await app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert not [line for line in lines if line["log_level"] == "error"]
