"""Whatever is sent to the approvals, well formed or not, is answered as their OpenAPI document says."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import httpx
from anyio.from_thread import start_blocking_portal

from tests.approvals.shop import ARGUMENTS, TOOL
from tests.fakes.fuzzing import TIMEOUT_S, Known, Sending, fuzzed
from tillhand_common import keys
from tillhand_common.testing import service_process

SCRIPT: Final = Path(__file__).resolve().parents[1] / "fakes" / "approvals_service.py"
STREAMS: Final = ("/v1/events",)
"""What never ends by itself."""


def kind_for(method: str, path: str) -> keys.Kind:
    """Whose key an operation wants."""
    if "/execution" in path or "/executors/" in path:
        return "service"
    return "agent" if (method, path) == ("POST", "/v1/proposals") else "operator"


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    environment = {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_RATE_LIMIT": "off", "TILLHAND_UNDO_S": "0"}
    environment["TILLHAND_MAX_BODY_BYTES"] = str(2**20)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(service_process(SCRIPT, environment)) as service,
        httpx.Client(base_url=service.base_url, timeout=TIMEOUT_S) as http,
    ):

        def authorization(method: str, path: str) -> str:
            return f"Bearer {keys.read_token(tmp_path, kind_for(method, path))}"

        def put(method: str, path: str, body: object) -> httpx.Response:
            answer = http.request(method, path, json=body, headers={"authorization": authorization(method, path)})
            assert answer.is_success, answer.text
            return answer

        def filled() -> Known:
            put("PUT", "/v1/switch", {"stopped": False})
            put("PUT", "/v1/executors/mcp/tools", {"tools": [TOOL]})
            rule = {"id": "all", "then": {"action": "require_approval"}}
            put("PUT", "/v1/policies", {"version": 1, "rules": [rule]})
            made = [
                put("POST", "/v1/proposals", {"tool": "stock_set", "arguments": ARGUMENTS}).json() for _ in range(2)
            ]
            body = {"decision": "approve", "digest": made[1]["digest"]}
            put("POST", f"/v1/proposals/{made[1]['id']}/decisions", body)
            return {
                "proposal_id": [each["id"] for each in made],
                "executor": ["mcp"],
                "delegation_id": [secrets.token_hex(16)],
                "pseudonym": [made[0]["subject"]],
            }

        sending = Sending(http, authorization)
        fuzzed(sending, http.get("/openapi.json").json(), filled, without=STREAMS)
        alive = http.get("/ready")
    assert alive.status_code == 200
    assert not sending.wrong, "\n\n".join(sending.wrong[:10])
