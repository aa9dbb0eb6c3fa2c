"""Whatever is sent to analytics, well formed or not, is answered as its OpenAPI document says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import httpx
from anyio.from_thread import start_blocking_portal

from tests.fakes.fuzzing import TIMEOUT_S, Known, Sending, fuzzed
from tillhand_common import keys
from tillhand_common.testing import service_process

SERVICE: Final = "tests.fakes.analytics_service"


def test_whatever_is_sent_is_answered_as_described(tmp_path: Path) -> None:
    keys.bootstrap(tmp_path)
    environment = {"TILLHAND_DATA_DIR": str(tmp_path), "TILLHAND_RATE_LIMIT": "off"}
    token = f"Bearer {keys.read_token(tmp_path, 'operator')}"
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(service_process(SERVICE, environment)) as service,
        httpx.Client(base_url=service.base_url, timeout=TIMEOUT_S, headers={"authorization": token}) as http,
    ):
        goods = [row["sku"] for row in http.get("/v1/inventory/skus").json()["items"]]

        def filled() -> Known:
            return {"sku": goods}

        sending = Sending(http)
        fuzzed(sending, http.get("/openapi.json").json(), filled)
        alive = http.get("/ready?for=traffic")
    assert goods
    assert alive.status_code == 200
    assert not sending.wrong, "\n\n".join(sending.wrong[:10])
