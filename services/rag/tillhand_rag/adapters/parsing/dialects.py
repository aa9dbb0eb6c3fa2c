"""What site generators add to Markdown: Liquid tags, attribute lists, heading ids, admonition marks, drawings."""

from __future__ import annotations

import re
from collections.abc import Callable

from tillhand_rag.adapters.parsing.pipe_tables import regular_tables

# A fenced block (to its closing fence or the end), or an inline code span within a paragraph.
_CODE = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(?P<fence>`{3,}|~{3,})(?P<info>[^`\n]*)\n"
    r"(?:.*?^[ \t>]*(?P=fence)[`~]*[ \t]*$|.*\Z)"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)",
    re.DOTALL | re.MULTILINE,
)
_DRAWINGS = frozenset({"mermaid", "plantuml", "dot", "graphviz"})

_LIQUID_LINK = re.compile(r"\{%-?\s*(?:link|post_url)\s+([^\s%]+)\s*-?%\}")
_LIQUID_RAW = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_LIQUID_VALUE = re.compile(r"\{\{[ \t]*([\w.]+)[ \t]*\}\}")
_LIQUID_TAG = re.compile(r"\{%[^\n%]{0,500}(?:%(?!\})[^\n%]{0,500}){0,3}%\}")
_ATTRIBUTE_LIST = re.compile(r"\{:[ \t]*[^{}\n]*\}")
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t][^\n]*$", re.MULTILINE)
_ALERT = re.compile(
    r"^([ \t>]*>[ \t]*)\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n[ \t]*>[ \t]*)?", re.MULTILINE
)
_CONTAINER = re.compile(r"^[ \t]*:{3,}[ \t]*(?:\{?(?P<kind>\w+)\}?[ \t]*(?P<title>[^\n]*))?$", re.MULTILINE)


def outside_code(source: str, change: Callable[[str], str], *, inline: bool = True) -> str:
    """`source` with `change` applied to everything that is neither fenced nor, if `inline`, inline code."""
    pieces: list[str] = []
    end = 0
    for match in _CODE.finditer(source):
        if match["ticks"] and not inline:
            continue
        pieces.extend((change(source[end : match.start()]), match[0]))
        end = match.end()
    pieces.append(change(source[end:]))
    return "".join(pieces)


def masked_code(source: str) -> str:
    """`source` at the same length, with a blank in place of every character of code."""
    return _CODE.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), source)


def plain_markdown(source: str) -> str:
    """Markdown without Liquid tags, kramdown attribute lists, heading ids, admonition marks and drawings."""
    source = _LIQUID_RAW.sub("", source)
    return outside_code(outside_code(_CODE.sub(_without_drawing, source), regular_tables, inline=False), _plain)


def _without_drawing(match: re.Match[str]) -> str:
    info = (match["info"] or "").split()
    return "" if info and info[0].lower() in _DRAWINGS else match[0]


def _plain(text: str) -> str:
    text = _LIQUID_LINK.sub(r"\1", text)
    text = _LIQUID_TAG.sub("", text)
    # Without spaces a value may stand in a link's address, which goes with the link.
    text = _LIQUID_VALUE.sub(r"{{\1}}", text)
    text = _ATTRIBUTE_LIST.sub("", text)
    text = _HEADING.sub(_without_id, text)
    text = _ALERT.sub(lambda match: f"{match[1]}{match[2].capitalize()}: ", text)
    return _CONTAINER.sub(_container, text)


def _without_id(heading: re.Match[str]) -> str:
    words, mark, name = heading[0].rstrip().rpartition("{#")
    return words if mark and name.endswith("}") else heading[0]


def _container(match: re.Match[str]) -> str:
    if not match["kind"]:
        return ""
    title = (match["title"] or "").strip()
    return f"\n{title or match['kind'].capitalize()}:\n"
