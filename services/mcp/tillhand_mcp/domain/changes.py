"""What a proposed write would change, as evidence for whoever decides."""

from __future__ import annotations

from tillhand_mcp.domain.tools import Json


def change(what: str, field: str, before: object, after: object) -> Json:
    """One field of something: as it is now, and as it would be."""
    return {"kind": "change", "what": what, "field": field, "before": before, "after": after}


def figure(name: str, value: object) -> Json:
    """A figure that matters for the decision."""
    return {"kind": "figure", "name": name, "value": value}


def notice(text: str) -> Json:
    """Something that whoever decides should know."""
    return {"kind": "notice", "text": text}
