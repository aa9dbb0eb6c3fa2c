"""Nothing that an agent calls can write: calling proposes, and only the executor makes what writing wants."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from graphql import OperationDefinitionNode, OperationType, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

import tillhand_mcp
from tests.mcp_vendors.conftest import Connect
from tests.mcp_vendors.stage import CALLER, NAMES, How, Stage
from tests.mcp_vendors.writes import EFFECTS, wanted
from tillhand_common.testing import FakeClock, settle
from tillhand_mcp.adapters.no_approvals import NoApprovals
from tillhand_mcp.adapters.shopify import documents
from tillhand_mcp.adapters.shopify.operation import Operation
from tillhand_mcp.domain.tools import Done, Refused
from tillhand_mcp.ports.connector import ReadTool, WriteTool
from tillhand_mcp.ports.watching import Figures, Outcome
from tillhand_mcp.service.calling import Calling
from tillhand_mcp.service.freshness import Freshness
from tillhand_mcp.service.registry import Registry
from tillhand_mcp.service.shelf import Shelf
from tillhand_mcp.service.writing import Writing
from tillhand_mockshop.model import Shop

HARMLESS = {"TillhandBulkRun", "TillhandBulkCancel"}
PATTERNS = st.sampled_from(
    ["", "a", "AUTUMN", "sku:BL-1", "2026-10-01", "gid://shopify/Product/1", "5", "GBP", "sessions"]
)


class Unwatched:
    """Counts calls by outcome."""

    def __init__(self) -> None:
        self.outcomes: list[tuple[str, Outcome]] = []

    def called(self, connector: str, outcome: Outcome, seconds: float, quota: object = None) -> None:  # noqa: ARG002
        self.outcomes.append((connector, outcome))

    def figures(self, connector: str) -> Figures:
        raise NotImplementedError


@pytest.fixture
def opened(stage: Stage, connect: Connect) -> tuple[Calling, Registry]:
    """Every tool of every vendor, behind the one way of calling them."""
    registry = Registry([connect(name, stage.url, How(stage.world.clock))[0] for name in NAMES])
    made = Calling(
        registry=registry,
        freshness=Freshness(FakeClock()),
        writing=Writing(NoApprovals()),
        shelf=Shelf((), ()),
        watcher=Unwatched(),
    )
    return made, registry


def any_of(kind: Any) -> st.SearchStrategy[Any]:  # noqa: ANN401  # any annotation of our models
    """JSON for an annotation, whether or not it keeps to the patterns: what does not fit is refused."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(any_of(arguments[0]), max_size=3)
    if hasattr(kind, "__metadata__"):
        return any_of(arguments[0])
    if arguments:
        return st.one_of([st.none() if each is type(None) else any_of(each) for each in arguments])
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return arguments_of(kind)
    return {bool: st.booleans(), int: st.integers(-2, 60), float: st.floats(0.5, 90)}.get(kind, PATTERNS)


def arguments_of(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    def field(info: FieldInfo) -> st.SearchStrategy[Any]:
        return any_of(info.annotation)

    fields = model.model_fields.items()
    required = {name: field(info) for name, info in fields if info.is_required()}
    return st.fixed_dictionaries(
        required, optional={name: field(info) for name, info in fields if name not in required}
    )


def fitting(name: str, goods: Shop) -> dict[str, Any]:
    """Arguments that fit, whatever chance brings."""
    period = {"start_date": "2026-10-01", "end_date": "2026-10-20"}
    order, product = goods.orders[0].id, goods.products[0].id
    found: dict[str, dict[str, Any]] = {
        "shopify_order": {"order_id": f"gid://shopify/Order/{order}"},
        "shopify_metafields": {"owner_id": f"gid://shopify/Product/{product}"},
        "shopify_bulk_export": {"kind": "products"},
        "shopify_refunds": {"refund_ids": ["gid://shopify/Refund/1"]},
        "ga4_report": {"metrics": ["sessions"]},
        "ga4_metadata": {"kind": "metrics"},
        "search_console_analytics": period,
        "search_console_inspect_url": {"url": "https://brackenlane.example/"},
    }
    return found.get(name) or (wanted(name, goods) if name in EFFECTS else {})


def mutations(stage: Stage) -> set[str]:
    """The operations that have arrived and are mutations, as the text says, not as they are called."""
    found = set()
    for each in stage.graphql():
        for node in parse(each["query"]).definitions:
            if isinstance(node, OperationDefinitionNode) and node.operation is OperationType.MUTATION:
                found.add(each["operationName"])
    return found


async def test_calling_any_tool_changes_nothing_anywhere(
    stage: Stage, opened: tuple[Calling, Registry], goods: Shop
) -> None:
    toolbox, registry = opened
    for tool in registry.shown:
        answer = await toolbox.call(CALLER, tool.name, fitting(tool.name, goods))
        if isinstance(registry.tool(tool.name).bound, WriteTool):
            assert isinstance(answer, Refused)
            assert answer.slug == "approvals-unavailable", (tool.name, answer)
        else:
            assert isinstance(answer, Done), (tool.name, answer)
    assert stage.world.writes == []
    assert mutations(stage) == {"TillhandBulkRun"}
    assert {each.method for each in stage.exchanges if "SubmitUrl" in each.path} == set()
    assert {tool.name for tool in registry.shown if tool.writes} == set(EFFECTS)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_calling_a_tool_with_anything_changes_nothing(
    stage: Stage, opened: tuple[Calling, Registry], goods: Shop, data: st.DataObject
) -> None:
    toolbox, registry = opened
    tool = data.draw(st.sampled_from(registry.shown))
    changes = data.draw(arguments_of(registry.tool(tool.name).bound.takes))
    kept = data.draw(st.booleans())
    await toolbox.call(CALLER, tool.name, {**fitting(tool.name, goods), **({} if kept else changes)})
    await settle()
    assert stage.world.writes == []
    assert mutations(stage) <= HARMLESS
    assert not any("SubmitUrl" in each.path for each in stage.exchanges)


@pytest.mark.parametrize("operation", [each for each in documents.ALL if each.kind == "mutation"])
async def test_reading_refuses_whatever_is_no_question(connect: Connect, operation: Operation) -> None:
    client = connect.shopify("http://127.0.0.1:9").client
    if operation.prepares:
        assert operation.name in HARMLESS
        return
    with pytest.raises(ValueError, match="approval"):
        await client.read(operation)


@pytest.mark.parametrize("operation", documents.ALL)
def test_an_operation_says_truthfully_what_it_is(operation: Operation) -> None:
    (node,) = parse(operation.text).definitions
    assert isinstance(node, OperationDefinitionNode)
    assert node.operation.value == operation.kind
    assert node.name is not None
    assert node.name.value == operation.name


def sources() -> Iterator[tuple[str, ast.Module]]:
    root = Path(tillhand_mcp.__file__).parent
    for path in sorted(root.rglob("*.py")):
        if "mock" not in path.relative_to(root).parts:
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text("utf-8"))


def calls_of(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def named(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def test_the_executor_alone_makes_the_right_to_write() -> None:
    makers = {path for path, tree in sources() for call in calls_of(tree) if named(call.func) == "Approved"}
    assert makers == {"service/executing.py"}
    copies = {
        path for path, tree in sources() for call in calls_of(tree) if named(call.func) in {"deepcopy", "__new__"}
    }
    assert not {each for each in copies if each.startswith("adapters/")}


def test_what_writes_is_handed_to_the_one_method_that_wants_an_approval() -> None:
    writing = {name for name, each in vars(documents).items() if isinstance(each, Operation)}
    writing = {name for name in writing if (it := getattr(documents, name)).kind == "mutation" and not it.prepares}
    passed: Mapping[str, Sequence[str]] = {
        path: [named(call.func) for call in calls_of(tree) for each in call.args if named(each) in writing]
        for path, tree in sources()
    }
    assert {path: set(found) for path, found in passed.items() if found} == {"adapters/shopify/writing.py": {"_write"}}
    through = {path for path, tree in sources() for call in calls_of(tree) if named(call.func) == "write"}
    assert {path for path in through if path.startswith("adapters/shopify/")} <= {
        "adapters/shopify/writing.py",
        "adapters/shopify/exports.py",
    }


def test_tools_that_read_are_handed_nothing_that_writes(connect: Connect) -> None:
    for name in NAMES:
        for tool in connect(name, "http://127.0.0.1:9")[0].tools():
            if isinstance(tool, ReadTool):
                assert "approved" not in tool.run.__annotations__
