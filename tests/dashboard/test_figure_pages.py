"""Pages of figures without JavaScript: lists in their address, figures with their origin, an order that is proposed."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.dashboard.figures import HOSTILE, SKUS, beside_figures
from tests.dashboard.platform import Beside, console
from tests.fakes.visitor import Visitor
from tillhand_common.testing import client
from tillhand_dashboard.app import create_app
from tillhand_dashboard.commands import add_account
from tillhand_dashboard.domain import searching, selling, stock
from tillhand_dashboard.settings import DashboardSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")
STOCK = [f"/inventory?view={view.id}" for view in stock.VIEWS]
SALES = [f"/sales?view={view.id}" for view in selling.VIEWS]
SEARCH = [f"/seo?view={view.id}" for view in searching.VIEWS]
SKU = re.compile(r'<th scope="row"><a href="/inventory/skus/([^"]+)">')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beside(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Beside]:
    """The console beside analytics and approvals."""
    async with beside_figures(tmp_path_factory.mktemp("figures")) as (running_beside, _):
        yield running_beside


@pytest.fixture
def visitor(beside: Beside) -> Visitor:
    """The operator, at a page of their own."""
    return Visitor(beside.http, dict(beside.visitor.cookies))


def skus(page: httpx.Response) -> list[str]:
    """The SKUs that a page lists, in order."""
    return SKU.findall(page.text)


@pytest.mark.parametrize("path", [*STOCK, *SALES, *SEARCH])
async def test_every_view_shows_figures_with_their_origin_and_says_that_they_are_made_up(
    visitor: Visitor, path: str
) -> None:
    page = await visitor.open(path)
    assert page.status_code == 200
    assert '<div class="banner mock">' in page.text
    assert '<span class="badge mode mock"' in page.text
    assert 'class="banner bad" role="status"' not in page.text
    if path != "/sales?view=experiments":
        assert "Digest of what came in" in visitor.text
    assert 'id="sources"' in page.text
    assert "None" not in re.sub(r"<[^>]+>", " ", page.text)


async def test_the_address_holds_order_search_and_place(visitor: Visitor) -> None:
    first = await visitor.open("/inventory?sort=-on_hand")
    assert 'aria-sort="descending"' in first.text
    assert f"25 of {SKUS} rows" in visitor.text
    following = html.unescape(re.findall(r'href="([^"]+)">Next page', first.text)[0])
    second = await visitor.open(following)
    seen = [*skus(first), *skus(second)]
    assert len(set(seen)) == 50
    on_hand = [int(text) for text in re.findall(r'data-label="On hand" class="number">([\d,]+)<', first.text)]
    assert on_hand == sorted(on_hand, reverse=True)
    wanted = skus(first)[3]
    found = await visitor.open(f"/inventory?search={wanted.lower()}")
    assert skus(found) == [wanted]
    none = await visitor.open("/inventory?search=no+such+thing")
    assert skus(none) == []
    assert "Nothing here" in visitor.text
    whole = await visitor.open("/inventory?rows=all")
    assert len(set(skus(whole))) == SKUS


async def test_a_file_has_as_many_rows_as_its_link_says_and_is_called_mock(visitor: Visitor) -> None:
    page = await visitor.open("/inventory?view=fast&abc_class=A")
    [(path, rows)] = re.findall(r'href="([^"]+)" download>Download CSV, (\d+) rows', page.text)
    file = await visitor.open(html.unescape(path))
    lines = file.text.strip().splitlines()
    assert len(lines) - 1 == int(rows) > 0
    assert "MOCK.csv" in file.headers["content-disposition"]
    assert lines[1].split(",")[0] == skus(page)[0]


async def test_what_a_shop_has_written_stays_text(visitor: Visitor) -> None:
    page = await visitor.open("/inventory")
    assert HOSTILE not in page.text
    assert "<img src=x" not in page.text
    assert "\u202e" not in page.text
    assert "⟨U+202E⟩" in visitor.text
    own = await visitor.open(f"/inventory/skus/{skus(page)[0]}")
    assert "<img src=x" not in own.text
    assert "⟨U+202E⟩" in visitor.text


async def test_a_sku_has_its_chart_its_facts_and_its_forecast_as_a_table(visitor: Visitor) -> None:
    sku = skus(await visitor.open("/inventory?view=fast"))[0]
    page = await visitor.open(f"/inventory/skus/{sku}")
    assert "Reorder point" in visitor.text
    [chart] = re.findall(r'<img src="([^"]+)"', page.text)
    picture = await visitor.open(html.unescape(chart))
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "style-src 'sha256-" in picture.headers["content-security-policy"]
    assert "unsafe" not in picture.headers["content-security-policy"]
    days = await visitor.open(f"/inventory/skus/{sku}/forecast")
    assert days.text.count('<th scope="row">') == 28
    part = await visitor.open(f"/inventory/skus/{sku}/forecast", **{"hx-request": "true"})
    assert "<html" not in part.text
    missing = await visitor.open("/inventory/skus/NO-SUCH")
    assert missing.status_code == 404
    assert "There is no such SKU." in visitor.text


@pytest.mark.parametrize(
    "path",
    [
        "/inventory?abc_class=Q",
        "/inventory?cursor=nonsense",
        "/seo?kind=nonsense",
        "/sales?view=forecast&level=sku&key=nonsense",
        "/inventory/order?supplier=Nobody",
        "/inventory/skus/...",
    ],
)
async def test_a_wrong_address_is_a_page_that_says_why(visitor: Visitor, path: str) -> None:
    page = await visitor.open(path)
    assert page.status_code in {200, 404}
    assert "Inventory" in visitor.text
    assert re.search(r"could not be had|Nothing is due|There is no such", visitor.text)


EXPERIMENT = "/sales?view=experiments"
ARMS = "&arm=old&visitors=10,000&conversions=500&arm=new&visitors=10000&conversions={}"


async def test_an_experiment_is_read_out_by_its_address(visitor: Visitor) -> None:
    page = await visitor.open(EXPERIMENT)
    assert "The read-out" not in visitor.text
    [example] = re.findall(r'href="(/sales\?view=experiments&amp;[^"]+)"', page.text)
    await visitor.open(html.unescape(example))
    assert "it cannot be told yet" in visitor.text
    page = await visitor.open(EXPERIMENT + ARMS.format(700) + "&least=10&planned=20000")
    assert "ship it" in visitor.text
    assert re.search(r"Effect \(lift\) At least At most .* 5.0 % 7.0 % \+40.0 %", visitor.text)
    assert "with a power of 80 %" in visitor.text
    assert "all that is shown is the lower end of its interval" in visitor.text
    assert "experiments-mixture-sprt" in visitor.text
    assert 'value="10,000"' in page.text
    assert 'class="reach"' in page.text


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        (ARMS.format("many"), "conversions-1", "Give a whole number"),
        (ARMS.format(10_001), "conversions-1", "There are more conversions than visitors."),
        ("&arm=&visitors=&conversions=" + ARMS.format(10_001), "conversions-2", "There are more conversions"),
        (ARMS.format(700) + "&alpha=90", "alpha", ""),
        (ARMS.format(700) + "&primary=revenue_per_visitor", "primary", "Revenue is to be compared"),
        (ARMS.format(700) + "&revenue=5&deviation=&revenue=6&deviation=1", "deviation-0", ""),
        ("&arm=alone&visitors=10&conversions=1", "arm-1", "There must be an arm beside the control."),
        ("&arm=%E2%80%AEdlo&visitors=10&conversions=1&arm=b&visitors=-1&conversions=0", "visitors-1", "Give a whole"),
    ],
)
async def test_a_number_that_cannot_be_is_told_at_its_field(visitor: Visitor, more: str, field: str, said: str) -> None:
    page = await visitor.open(EXPERIMENT + more)
    assert page.status_code == 200
    wrong = re.findall(r'<span id="([\w-]+)-about" class="wrong">([^<]+)<', page.text)
    assert [each for each, _ in wrong] == [field]
    assert said in wrong[0][1]
    assert "The read-out" not in visitor.text


async def test_another_arm_is_a_row_more_and_keeps_what_was_filled_in(visitor: Visitor) -> None:
    page = await visitor.open(EXPERIMENT + ARMS.format(700) + "&more=1")
    assert len(re.findall(r'name="visitors"', page.text)) == 3
    assert 'value="700"' in page.text
    assert "The read-out" not in visitor.text


async def test_charts_and_files_that_are_not_there_are_refused_and_no_error(visitor: Visitor) -> None:
    for path in ("nonsense/chart.svg", "inventory/export.csv", "inventory/../status/export.csv"):
        assert (await visitor.open(f"/figures/{path}")).status_code in {404, 503}


async def test_an_order_is_proposed_in_the_persons_name_once(beside: Beside, visitor: Visitor) -> None:
    orders = await visitor.open("/inventory?view=orders")
    path = html.unescape(re.findall(r'href="(/inventory/order\?supplier=[^"]+)"', orders.text)[0])
    page = await visitor.open(path)
    due = re.findall(r'name="sku" value="([^"]+)" checked', page.text)
    supplier, key = (re.findall(rf'name="{name}" value="([^"]+)"', page.text)[0] for name in ("supplier", "key"))
    fields = {"supplier": html.unescape(supplier), "key": key, "to": "orders@example.com", "sku": html.unescape(due[0])}
    nothing = await visitor.send("/inventory/order", **{**fields, "sku": ""})
    assert nothing.status_code in {404, 422}
    made = [await visitor.send("/inventory/order", **fields) for _ in range(2)]
    links = [re.findall(r'href="/approvals/([\w-]+)"', answer.text) for answer in made]
    assert links[0] == links[1]
    [proposal] = links[0]
    kept = (await beside.approvals.call("operator", "GET", f"/v1/proposals/{proposal}?view=full")).json()
    assert [line["sku"] for line in kept["full"]["arguments"]["lines"]] == [fields["sku"]]
    assert kept["requester"]["id"] == "operator"


async def test_a_viewer_reads_orders_and_proposes_none(beside: Beside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(beside.approvals.folder))
    viewer = Visitor(beside.http)
    await viewer.enter(await add_account("vera", "viewer"))
    orders = await viewer.open("/inventory?view=orders")
    path = html.unescape(re.findall(r'href="(/inventory/order\?supplier=[^"]+)"', orders.text)[0])
    page = await viewer.open(path)
    assert 'name="sku"' not in page.text
    refused = await viewer.send("/inventory/order", supplier="Velo Depot", to="a@example.com", sku="A")
    assert refused.status_code == 503
    assert "Your role, viewer, does not reach that far." in viewer.text


async def test_a_console_without_a_key_to_propose_with_says_how_to_get_one(tmp_path: Path, visitor: Visitor) -> None:
    given = DashboardSettings(data_dir=tmp_path, analytics_url=str(visitor.http.base_url))
    async with client(create_app(given)) as http:
        alone = Visitor(http)
        await alone.enter(given.link_file.read_text().strip())
        await alone.open("/inventory")
        await alone.send("/inventory/order", supplier="Velo Depot", to="a@example.com", sku="A")
        assert "set it as TILLHAND_DASHBOARD_PROPOSING_KEY" in alone.text


async def test_without_analytics_each_page_says_what_to_set(tmp_path: Path) -> None:
    app = create_app(DashboardSettings(data_dir=tmp_path))
    async with client(app) as http:
        visitor = Visitor(http)
        await visitor.enter(DashboardSettings(data_dir=tmp_path).link_file.read_text().strip())
        for path in [*STOCK, *SALES[:-1], *SEARCH, "/inventory/skus/A-1", "/inventory/order?supplier=Nobody"]:
            page = await visitor.open(path)
            assert page.status_code == 200, path
            assert "Set TILLHAND_ANALYTICS_URL." in visitor.text
            assert "<img" not in page.text


async def test_a_source_that_fails_is_told_with_its_reason(tmp_path: Path, beside: Beside) -> None:
    async with console(tmp_path, beside.approvals, {"analytics_url": "http://127.0.0.1:9"}) as alone:
        for path in ("/inventory", "/sales", "/seo"):
            page = await alone.visitor.open(path)
            assert page.status_code == 200
            assert "Analytics: no answer." in alone.visitor.text
