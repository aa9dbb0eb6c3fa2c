"""MDX as Markdown: import and export statements, expressions and component tags go, their words stay."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tillhand_rag.adapters.parsing.dialects import masked_code
from tillhand_rag.adapters.parsing.mdx_indent import dedented

_STATEMENT = re.compile(
    r"^(?:import\s+(?:['\"]|[\w*{][^\n]*?\bfrom\s*['\"]|\{[ \t]*$)"
    r"|export\s+(?:default\b|const\b|let\b|var\b|function\b|async\b|class\b|\{|\*))",
    re.MULTILINE,
)
_QUOTED = re.compile(
    r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`|/\*.*?\*/|(?<!:)//[^\n]*",
    re.DOTALL,
)
_BRACKET = re.compile(r"[\[({]|[\])}]|\n")
_COMMENT = re.compile(r"\{\s*/\*.*?\*/\s*\}|<!--.*?-->|<(style|script|svg)\b.*?</\1\s*>", re.DOTALL)
_LITERAL = re.compile(r"\{\s*(?:\"([^\"{}\n]*)\"|'([^'{}\n]*)')\s*\}")
_HEADING_OR_TAG = re.compile(
    r"^[ \t]{0,3}(?P<level>#{1,6})[ \t]|<(?P<closing>/?)(?P<name>[A-Za-z][\w.:-]*|(?=>))(?=[\s/>])", re.MULTILINE
)
_PROPERTY = re.compile(r"([A-Za-z_][\w:-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|\{\s*[\"'`]([^\"'`{}]*)[\"'`]\s*\})")

_SECTIONS = frozenset({"Accordion"})
_FIELDS = frozenset({"ResponseField", "ParamField"})
_FIELD_NAMES = ("name", "path", "query", "body", "header")
_INLINE = frozenset("a abbr b code del em font i ins kbd mark s small span strong sub sup u".split())
_BLOCK = frozenset("article aside center details div figcaption figure footer header main p section summary".split())
_KEPT = frozenset("br hr img li ol td th tr ul pre table tbody thead".split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


@dataclass(frozen=True, slots=True)
class _Tag:
    """A tag in the source. `indent` is the white space before it when it begins its line, else None."""

    name: str
    closing: bool
    properties: dict[str, str]
    start: int
    end: int
    indent: str | None
    ends_line: bool


def without_jsx(source: str) -> str:
    """MDX as Markdown that holds the words of components and of their titles, and none of their code."""
    source = dedented(_without_statements(source))
    source = _substituted(source, _COMMENT)
    source = _substituted(source, _LITERAL)
    return without_components(source, html=True)


def without_components(source: str, *, html: bool = False) -> str:
    """Markdown without component tags; with `html` also without the HTML tags that would hide Markdown inside them."""
    masked = masked_code(source)
    pieces: list[str] = []
    position = copied = tables = 0
    level = 1
    while match := _HEADING_OR_TAG.search(masked, position):
        position = match.end()
        if match["level"]:
            level = len(match["level"])
            continue
        tag = _read_tag(source, masked, match)
        if tag is None:
            continue
        position = tag.end
        tables += _table_step(tag)
        replacement = None if tables > 0 else _replacement(tag, level, html=html)
        if replacement is not None:
            pieces.extend((source[copied : tag.start], replacement))
            copied = tag.end
    return "".join([*pieces, source[copied:]])


def _table_step(tag: _Tag) -> int:
    if tag.name != "table":
        return 0
    return -1 if tag.closing else 1


def _substituted(source: str, pattern: re.Pattern[str]) -> str:
    """`source` with each match outside of code replaced by its groups' words."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(masked_code(source)):
        words = "".join(group for group in match.groups() if group) if pattern is _LITERAL else ""
        pieces.extend((source[end : match.start()], words))
        end = match.end()
    return "".join([*pieces, source[end:]])


def _without_statements(source: str) -> str:
    masked = masked_code(source)
    brackets = _QUOTED.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)
    pieces: list[str] = []
    end = 0
    for match in _STATEMENT.finditer(masked):
        if match.start() >= end:
            pieces.append(source[end : match.start()])
            end = _statement_end(brackets, match.start())
    return "".join([*pieces, source[end:]])


def _statement_end(brackets: str, start: int) -> int:
    """The end of the first line at which every bracket opened since `start` is closed."""
    depth = 0
    for match in _BRACKET.finditer(brackets, start):
        if match[0] == "\n" and depth <= 0:
            return match.start()
        depth += {"\n": 0}.get(match[0], 1 if match[0] in "[({" else -1)
    return len(brackets)


def _read_tag(source: str, masked: str, match: re.Match[str]) -> _Tag | None:
    """The tag that begins at `match`, or None when it never ends."""
    end = _tag_end(masked, match.end())
    if end is None:
        return None
    line = source.rfind("\n", 0, match.start()) + 1
    before = source[line : match.start()]
    newline = source.find("\n", end)
    after = source[end : newline if newline >= 0 else len(source)]
    found = _PROPERTY.findall(source[match.end() : end])
    return _Tag(
        name=match["name"],
        closing=bool(match["closing"]),
        properties={name: first or second or third for name, first, second, third in found},
        start=match.start(),
        end=end,
        indent=before if not before.strip() else None,
        ends_line=not after.strip(),
    )


def _tag_end(masked: str, position: int) -> int | None:
    """The position after the `>` that closes a tag: not one in a string or in a nested expression."""
    depth = 0
    for match in re.compile(r"\"[^\"]*\"|'[^'\n]*'|=>|[{}>]|\n[ \t]*\n").finditer(masked, position):
        mark = match[0]
        if mark == ">" and depth == 0:
            return match.end()
        if mark.isspace() and depth == 0:
            return None
        depth += {"{": 1, "}": -1}.get(mark, 0)
    return None


def _replacement(tag: _Tag, level: int, *, html: bool) -> str | None:
    """What stands in the tag's place; None leaves it as it is."""
    if tag.name[:1].isupper():
        return _component(tag, level)
    if not html or tag.name in _KEPT:
        return None
    if tag.name in _HEADINGS:
        return "\n\n" if tag.closing else f"\n\n{'#' * _HEADINGS[tag.name]} "
    if tag.name in _BLOCK:
        return _break(tag)
    return "" if tag.name in _INLINE or not tag.name else None


def _component(tag: _Tag, level: int) -> str:
    if tag.closing:
        return _break(tag)
    if tag.name in _FIELDS:
        return f"{_break(tag)}{_field(tag.properties)}"
    words = tag.properties.get("title", "").strip()
    if description := tag.properties.get("description", "").strip():
        words = f"{words}: {description}" if words else description
    if not words:
        return _break(tag)
    if tag.name in _SECTIONS:
        words = f"{'#' * min(level + 1, 6)} {words}"
    return f"\n\n{tag.indent or ''}{words}\n\n{tag.indent or ''}"


def _field(properties: dict[str, str]) -> str:
    name = next((properties[key] for key in _FIELD_NAMES if key in properties), "")
    kind = f" ({properties['type']})" if properties.get("type") else ""
    return f"{name}{kind}: " if name else ""


def _break(tag: _Tag) -> str:
    """A paragraph break for a tag at the edge of its line, nothing for one within a sentence."""
    if tag.indent is not None:
        return f"\n\n{tag.indent}"
    return "\n\n" if tag.closing and tag.ends_line else ""
