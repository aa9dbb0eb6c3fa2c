"""Drafts that cannot be made."""

from __future__ import annotations

from tillhand_common.problems import Unavailable


class DraftsUnavailable(Unavailable):
    """The knowledge base or the assistant that drafts cannot answer, or none is connected; nothing was proposed."""

    slug = "drafts-unavailable"
    title = "No reply can be drafted now"
