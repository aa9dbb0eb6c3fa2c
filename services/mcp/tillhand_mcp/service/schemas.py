"""Tools as JSON Schema describes them, from the very models that check and write."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel, TypeAdapter

from tillhand_mcp.domain.origins import ORIGIN, Origin
from tillhand_mcp.domain.tools import Annotations, Json, Tool
from tillhand_mcp.ports.connector import Answer, AnyTool, WriteTool

REASON: Final = "reason"
LONGEST_REASON: Final = 4_000
_ORIGIN: Final = TypeAdapter(Origin)
_DESCRIBES: Final = frozenset({"type", "$ref", "anyOf", "allOf", "enum", "const"})


def described(connector: str, tool: AnyTool) -> Tool:
    """The tool as both faces show it."""
    writes = isinstance(tool, WriteTool)
    given = schema_of(tool.takes)
    if isinstance(tool, WriteTool):
        given = {**given, "properties": {**given.get("properties", {}), REASON: _REASON}}
        annotations = tool.annotations
    else:
        annotations = Annotations(open_world=tool.open_world)
    return Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        connector=connector,
        input_schema=given,
        output_schema=with_origin(schema_of(tool.gives, output=True)),
        annotations=annotations,
        writes=writes,
        risk=tool.risk if isinstance(tool, WriteTool) else "low",
        version=tool.version if isinstance(tool, WriteTool) else "1",
    )


_REASON: Final[Json] = {
    "type": "string",
    "maxLength": LONGEST_REASON,
    "description": "Why, for the person who decides. It is no part of what is done.",
}


def schema_of(model: type[BaseModel], *, output: bool = False) -> dict[str, Any]:
    """A model as JSON Schema, without the titles that say what the names say already."""
    schema = model.model_json_schema(mode="serialization" if output else "validation")
    plain: dict[str, Any] = _untitled(schema)
    return plain


def with_origin(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of an answer that says where it comes from."""
    origin = _untitled(_ORIGIN.json_schema(mode="serialization"))
    definitions = {**schema.get("$defs", {}), **origin.pop("$defs", {})}
    return {
        **schema,
        "$defs": definitions,
        "properties": {**schema.get("properties", {}), ORIGIN: origin},
        "required": [*schema.get("required", []), ORIGIN],
    }


def structured(answer: Answer) -> dict[str, Any]:
    """An answer as JSON that fits the tool's output schema."""
    return {**answer.data.model_dump(mode="json"), ORIGIN: _ORIGIN.dump_python(answer.origin, mode="json")}


def _untitled(value: Any) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        return {
            name: _untitled(each)
            for name, each in value.items()
            if not (
                name == "title" and isinstance(each, str) and ("type" in value or "$ref" in value or "anyOf" in value)
            )
        }
    return [_untitled(each) for each in value] if isinstance(value, list) else value
