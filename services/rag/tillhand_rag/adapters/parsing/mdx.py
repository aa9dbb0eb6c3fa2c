"""MDX as Markdown: import and export statements, expressions and component tags go, their words stay."""

from __future__ import annotations

import re

from tillhand_rag.adapters.parsing.dialects import masked_code, outside_code
from tillhand_rag.adapters.parsing.jsx_tags import Tag, read_tag
from tillhand_rag.adapters.parsing.mdx_indent import dedented

_STATEMENT = re.compile(
    r"^(?:import\s+(?:['\"]|[\w*{][^\n]*?\bfrom\s*['\"]|\{[ \t]*$)"
    r"|export\s+(?:default\b|const\b|let\b|var\b|function\b|async\b|class\b|\{|\*))",
    re.MULTILINE,
)
_QUOTED = re.compile(
    r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`|/\*(?:[^*]|\*(?!/)){0,2000}\*/|(?<!:)//[^\n]*",
    re.DOTALL,
)
_BRACKET = re.compile(r"[\[({]|[\])}]|\n")
_INVISIBLE = (
    (re.compile(r"\{\s*/\*"), re.compile(r"\*/\s*\}")),
    (re.compile(r"<!--"), re.compile(r"-->")),
    *((re.compile(rf"<{name}(?=[\s>])"), re.compile(rf"</{name}\s*>")) for name in ("style", "script", "svg")),
)
"""What opens and what closes a stretch that no reader sees."""
_LITERAL = re.compile(r"\{\s*(?:\"([^\"{}\n]*)\"|'([^'{}\n]*)')\s*\}")
_HEADING_OR_TAG = re.compile(
    r"^[ \t]{0,3}(?P<level>#{1,6})[ \t]|<(?P<closing>/?)(?P<name>[A-Za-z][\w.:-]*|(?=>))(?=[\s/>])", re.MULTILINE
)
_SECTIONS = frozenset({"Accordion"})
_FIELDS = frozenset({"ResponseField", "ParamField"})
_FIELD_NAMES = ("name", "path", "query", "body", "header")
_INLINE = frozenset("a abbr b code del em font i ins kbd mark s small span strong sub sup u".split())
_BLOCK = frozenset("article aside center details div figcaption figure footer header main p section summary".split())
_KEPT = frozenset("br hr img li ol td th tr ul pre table tbody thead".split())
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


def without_jsx(source: str) -> str:
    """MDX as Markdown that holds the words of components and of their titles, and none of their code."""
    source = dedented(_without_statements(source))
    for opening, closing in _INVISIBLE:
        source = _without_stretches(source, opening, closing)
    source = outside_code(source, lambda text: _LITERAL.sub(lambda match: match[1] or match[2] or "", text))
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
        tag = read_tag(source, masked, match.start(), match.end(), match["name"], closing=bool(match["closing"]))
        if tag is None:
            continue
        position = tag.end
        tables += _table_step(tag)
        replacement = None if tables > 0 else _replacement(tag, level, html=html)
        if replacement is not None:
            pieces.extend((source[copied : tag.start], replacement))
            copied = tag.end
    return "".join([*pieces, source[copied:]])


def _table_step(tag: Tag) -> int:
    if tag.name != "table":
        return 0
    return -1 if tag.closing else 1


def _without_stretches(source: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> str:
    """`source` without what stands from each opening to its closing, code aside; an opening without one stays."""
    masked = masked_code(source)
    pieces: list[str] = []
    end = 0
    for match in opening.finditer(masked):
        if match.start() < end:
            continue
        last = closing.search(masked, match.end())
        if last is None:
            break
        pieces.append(source[end : match.start()])
        end = last.end()
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


def _replacement(tag: Tag, level: int, *, html: bool) -> str | None:
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


def _component(tag: Tag, level: int) -> str:
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


def _break(tag: Tag) -> str:
    """A paragraph break for a tag at the edge of its line, nothing for one within a sentence."""
    if tag.indent is not None:
        return f"\n\n{tag.indent}"
    return "\n\n" if tag.closing and tag.ends_line else ""
