"""Inline Markdown as plain words."""

from __future__ import annotations

import re

from markdown_it.token import Token

from tillhand_rag.adapters.parsing.html_blocks import IMAGE, without_lone_images

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_HTML = frozenset(
    "a abbr b bdi bdo big br button center cite code data del details dfn div em font i iframe img input ins kbd"
    " label li mark nobr ol p path picture pre q s samp small source span strike strong sub summary sup svg table"
    " tbody td th thead time tr tt u ul var video wbr".split()
)
_BREAKS = frozenset({"br", "p", "div", "li", "tr"})
_SOFT = "\x1e"
_BREAK = {"softbreak": _SOFT, "hardbreak": "\n"}


def inline_text(token: Token) -> str:
    """The words of an inline token: a line feed for each hard break, none of the markup."""
    text = "".join(_piece(child) for child in token.children or [])
    if IMAGE in text:
        # An image on a source line of its own illustrates; one between words is read as its alternative text.
        text = _SOFT.join(without_lone_images(line) for line in text.split(_SOFT))
    return text.replace(_SOFT, " ")


def figure_caption(token: Token) -> str:
    """The caption when a paragraph is an image and, on the line below it, nothing but emphasised words; else empty."""
    kinds = [child.type for child in token.children or [] if child.type != "text" or child.content.strip()]
    if kinds[:3] != ["image", "softbreak", "em_open"] or kinds[-1] != "em_close" or kinds.count("em_open") != 1:
        return ""
    return inline_text(token)


def _piece(token: Token) -> str:
    if token.type in {"text", "code_inline"}:
        return token.content
    if token.type in _BREAK:
        return _BREAK[token.type]
    if token.type == "image":
        return f"{IMAGE}{inline_text(token) or token.content}{IMAGE}"
    if token.type == "html_inline":
        return _tag(token.content)
    if token.type == "footnote_ref":
        return f" [{token.meta.get('label', token.meta['id'] + 1)}]"
    return ""


def _tag(markup: str) -> str:
    """Nothing for an HTML tag but its line break; a placeholder such as `<order id>` is words."""
    match = _TAG.match(markup)
    if match is None:
        return ""
    name = match[2].lower()
    if name in _HTML or match[2][0].isupper():
        return "\n" if name in _BREAKS and (name == "br" or match[1]) else ""
    return markup if "=" not in markup else ""
