"""The connectors without JavaScript, beside the real service with made-up data, and with nothing beside."""

from __future__ import annotations

from pathlib import Path

from tests.dashboard.connecting import beside_connectors
from tests.fakes.visitor import Visitor
from tillhand_dashboard.domain.accounts import Person
from tillhand_dashboard.domain.results import Found


async def test_each_says_how_it_stands_and_is_tried_on_request(tmp_path: Path) -> None:
    async with beside_connectors(tmp_path) as beside:
        visitor = beside.visitor
        page = await visitor.open("/connectors")
        found = await beside.console.connectors.all(Person("otto", "operator"))
        assert isinstance(found, Found)
        mocked = [each for each in found.value if each.state == "mock"]
        assert '<div class="banner mock">' in page.text
        assert page.text.count('<span class="badge mode mock"') == len(mocked) > 1
        assert page.text.count(">Test now</button>") == len(found.value)
        await visitor.send("/connectors/messages/test")
        assert "It answers with made-up data." in visitor.text
        part = await visitor.open("/connectors", **{"hx-request": "true"})
        assert "<html" not in part.text
        assert part.text.count('id="tested-messages"') == part.text.count('id="tested-') == 1
        assert "Tested just now by operator" in visitor.text
        await visitor.send("/connectors/analytics/test")
        assert "Analytics answers with mock figures" in visitor.text
        await visitor.open("/connectors")
        await visitor.send("/connectors/nothing/test")
        assert "The test was not made." in visitor.text
        assert "There is no such connector." in visitor.text


async def test_without_the_service_the_page_says_what_to_set(operator: Visitor) -> None:
    page = await operator.open("/connectors")
    assert page.status_code == 200
    assert "Set TILLHAND_MCP_URL." in operator.text
