"""The reports of analytics that are tools: where each is, what it takes and gives, and what an agent should know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from tillhand_mcp.adapters.analytics.models import (
    Breakdown,
    Findings,
    Forecast,
    ForecastDays,
    Goods,
    Listing,
    Rows,
    Series,
    Value,
    Window,
)


@dataclass(frozen=True, slots=True)
class Report:
    """A tool that reads `path` with its arguments as parameters."""

    tool: str
    title: str
    description: str
    path: str
    takes: type[BaseModel]
    gives: type[Rows | Value]


REPORTS: Final = (
    Report(
        "inventory_skus",
        "Stock of every SKU",
        "How each SKU stands: units a day, days of cover, ABC and XYZ class, stock-out risk, reorder point and what to "
        "order. Amounts are minor units.",
        "/v1/inventory/skus",
        Goods,
        Rows,
    ),
    Report(
        "inventory_at_risk",
        "What will run out",
        "SKUs that are likely to run out before new stock could come, the most pressing first, with the chance of it.",
        "/v1/inventory/at-risk",
        Goods,
        Rows,
    ),
    Report(
        "inventory_dead_stock",
        "Stock that nobody buys",
        "SKUs with stock and without sales for a long time, by the money that is tied up.",
        "/v1/inventory/dead-stock",
        Goods,
        Rows,
    ),
    Report(
        "inventory_suppliers",
        "How suppliers deliver",
        "Suppliers by how often they deliver on time and in full, how long they take, and what is overdue.",
        "/v1/inventory/suppliers",
        Listing,
        Rows,
    ),
    Report(
        "inventory_purchase_proposals",
        "What to order from whom",
        "Lines to order, by supplier, each with its evidence. Propose an order itself with purchase_order_send.",
        "/v1/inventory/purchase-proposals",
        Goods,
        Rows,
    ),
    Report(
        "seo_findings",
        "What needs work in search",
        "Pages and queries that lose, compete with each other, are clicked less than their position deserves, or are "
        "close to the first results: each with its estimated impact, its evidence and a suggested action.",
        "/v1/seo/findings",
        Findings,
        Rows,
    ),
    Report(
        "seo_pages",
        "Pages in search",
        "How each page does in search: clicks, impressions, position, trend and health.",
        "/v1/seo/pages",
        Listing,
        Rows,
    ),
    Report(
        "seo_landing_pages",
        "What landing pages bring",
        "Clicks from search beside visits and revenue, by landing page.",
        "/v1/seo/landing-pages",
        Listing,
        Rows,
    ),
    Report(
        "sales_kpis",
        "Sales of a period",
        "Sales, orders, returns, customers and conversion of a period beside the one before. Amounts are minor units.",
        "/v1/sales/kpis",
        Window,
        Rows,
    ),
    Report(
        "sales_series",
        "Sales by day, week or month",
        "Gross and net sales, orders, units and returns of each period. Amounts are minor units.",
        "/v1/sales/series",
        Series,
        Rows,
    ),
    Report(
        "sales_breakdown",
        "Sales by category, product, SKU, supplier or channel",
        "Net sales, units and orders of a period, divided.",
        "/v1/sales/breakdown",
        Breakdown,
        Rows,
    ),
    Report(
        "sales_forecast",
        "What the coming weeks bring",
        "Expected sales or units of the shop, its categories and its SKUs, in figures that add up. Each row has an "
        "interval, the model, and how far the same procedure was off before, beside naive forecasts.",
        "/v1/sales/forecast",
        Forecast,
        Rows,
    ),
    Report(
        "sales_forecast_days",
        "What the coming days bring",
        "Expected sales or units of the shop, a category or a SKU, day by day with intervals.",
        "/v1/sales/forecast/days",
        ForecastDays,
        Rows,
    ),
    Report(
        "sales_rfm",
        "Segments of customers",
        "Customers by how lately, how often and for how much they buy; nobody is named.",
        "/v1/sales/rfm",
        Listing,
        Rows,
    ),
    Report(
        "sales_anomalies",
        "Unusual days",
        "Days on which sales or visits were outside what was to be expected, with the likely causes in order.",
        "/v1/anomalies",
        Listing,
        Rows,
    ),
)
