"""What departs from a vendor's schema is named; what fits passes."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import parse

from tillhand_mcp.schemas import discovery, google_requests, location, shopify

REPORT = "/v1beta/properties/424242424:runReport"
QUERY = "/webmasters/v3/sites/sc-domain%3Abrackenlane.example/searchAnalytics/query"


def test_the_schema_is_built_once_whichever_way_it_is_asked_for() -> None:
    assert shopify.admin_schema() is shopify.admin_schema("2026-10")


def test_a_version_that_was_not_fetched_is_named() -> None:
    with pytest.raises(ValueError, match="'2020-01'"):
        shopify.admin_schema("2020-01")


def test_a_missing_schema_names_the_program_that_fetches_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    with pytest.raises(location.SchemasMissing, match=r"python tools/schemas\.py"):
        location.read("searchconsole.v1.json")


def test_an_operation_that_fits_has_no_violations() -> None:
    document = "query($id: ID!) { product(id: $id) { title variants(first: 5) { nodes { sku price } } } }"
    assert shopify.violations(document, variables={"id": "gid://shopify/Product/1"}) == []


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{ shop { name nickname } }", "'nickname'"),
        ("{ shop { name }", "Syntax Error"),
        ("{ products(first: 5, colour: 1) { nodes { id } } }", "'colour'"),
        ("mutation { productUpdate { product { id } userErrors { message } }  x }", "'x'"),
        ("query($a: Nothing) { shop { name } }", "'Nothing'"),
    ],
)
def test_what_the_admin_schema_does_not_know_is_named(document: str, told: str) -> None:
    assert told in " ".join(shopify.violations(document))


@pytest.mark.parametrize(("variables", "told"), [({}, "'$n'"), ({"n": "x"}, "'x'"), ({"n": 1, "m": 2}, "'$m'")])
def test_variables_that_do_not_fit_are_named(variables: dict[str, object], told: str) -> None:
    found = shopify.violations("query($n: Int!) { products(first: $n) { nodes { id } } }", variables=variables)
    assert told in " ".join(found)


@pytest.mark.parametrize(
    ("kind", "fine", "wrong"),
    [
        ("DateTime", ["2026-01-01", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.5+01:00"], ["soon", "2026-02-30", 5]),
        ("Date", ["2026-01-01"], ["2026-01-01T10:00:00Z", "2026-13-01"]),
        ("Money", ["1.50", "-2", 3, 4.5], ["1,50", "", True, "NaN"]),
        ("Decimal", ["0.1", 1], ["x", []]),
        ("UnsignedInt64", ["18446744073709551615", 1], ["-1", "1.0"]),
        ("URL", ["https://a.example/b"], ["a.example", "https://a b"]),
    ],
)
def test_the_scalars_take_what_shopify_takes(kind: str, fine: list[object], wrong: list[object]) -> None:
    document, schema = parse(f"query($value: {kind}) {{ shop {{ id }} }}"), shopify.admin_schema()
    told = [shopify.variable_errors(schema, document, {"value": value}) for value in [*fine, *wrong]]
    refused = [any(f"{kind} cannot represent" in error.message for error in errors) for errors in told]
    assert refused == [False] * len(fine) + [True] * len(wrong)


def test_an_answer_of_google_that_fits_has_no_violations() -> None:
    row = {"dimensionValues": [{"value": "x"}], "metricValues": [{"value": "12"}]}
    assert discovery.violations("analyticsdata", "RunReportResponse", {"rows": [row], "rowCount": 1}) == []


@pytest.mark.parametrize(
    ("api", "schema", "value", "told"),
    [
        ("analyticsdata", "RunReportResponse", {"rowCont": 1}, "rowCont"),
        ("analyticsdata", "RunReportResponse", {"rowCount": "1"}, "rowCount"),
        ("analyticsdata", "RunReportResponse", {"rowCount": 2**31}, "rowCount"),
        ("analyticsdata", "RunReportRequest", {"limit": 10}, "limit"),
        ("analyticsdata", "RunReportResponse", {"rows": [{"metricValues": [{"value": 1}]}]}, "rows[0].metricValues[0]"),
        ("searchconsole", "SearchAnalyticsQueryResponse", {"responseAggregationType": "x"}, "responseAggregationType"),
        ("searchconsole", "SearchAnalyticsQueryResponse", {"rows": {}}, "rows"),
        ("searchconsole", "WmxSitemap", {"lastSubmitted": "yesterday"}, "lastSubmitted"),
        ("searchconsole", "ApiDataRow", {"clicks": "1"}, "clicks"),
    ],
)
def test_what_google_does_not_describe_is_named_with_its_place(
    api: discovery.Api, schema: str, value: object, told: str
) -> None:
    assert told in " ".join(discovery.violations(api, schema, value))


def test_what_is_sent_may_hold_numbers_for_strings_and_small_letters() -> None:
    assert discovery.violations("analyticsdata", "RunReportRequest", {"limit": 10}, sent=True) == []
    sent = {"dimensions": ["query"], "rowLimit": "5"}
    assert discovery.violations("searchconsole", "SearchAnalyticsQueryRequest", sent, sent=True) == []


def test_a_schema_that_an_api_does_not_have_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError, match="Nothing"):
        discovery.violations("analyticsdata", "Nothing", {})


def test_a_request_that_fits_has_no_violations() -> None:
    body = {"dateRanges": [{"startDate": "2026-01-01", "endDate": "today"}], "metrics": [{"name": "sessions"}]}
    assert google_requests.request_violations("analyticsdata", "POST", REPORT, {"alt": "json"}, body) == []
    assert google_requests.request_violations("searchconsole", "POST", QUERY, {}, {"startDate": "2026-01-01"}) == []


def test_path_parameters_come_decoded() -> None:
    found = google_requests.find("searchconsole", "POST", QUERY)
    assert found is not None
    assert found[1] == {"siteUrl": "sc-domain:brackenlane.example"}
    assert found[0].response == "SearchAnalyticsQueryResponse"


@pytest.mark.parametrize(
    ("verb", "path", "query", "body", "told"),
    [
        ("GET", REPORT, {}, None, "no method"),
        ("POST", "/v1beta/accounts/1:runReport", {}, {}, "no method"),
        ("POST", REPORT, {"pretty": "1"}, {}, "pretty"),
        ("POST", REPORT, {"prettyPrint": "perhaps"}, {}, "prettyPrint"),
        ("POST", REPORT, {"alt": ["json", "media"]}, {}, "more than once"),
        ("POST", REPORT, {}, {"metric": []}, "metric"),
        ("GET", "/v1beta/properties/1/metadata", {}, {}, "takes no body"),
        ("GET", "/v1beta/properties/1/audienceExports", {"pageSize": "many"}, None, "pageSize"),
    ],
)
def test_a_request_that_does_not_fit_says_where(
    verb: str, path: str, query: google_requests.Query, body: object, told: str
) -> None:
    assert told in " ".join(google_requests.request_violations("analyticsdata", verb, path, query, body))
