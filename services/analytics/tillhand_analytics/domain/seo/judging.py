"""Turns what the detectors found into findings, each with its impact, its evidence and what to do."""

from __future__ import annotations

from tillhand_analytics.domain.seo.findings import Finding
from tillhand_analytics.domain.seo.judging_pairs import gapped, nearly_seen, sinking
from tillhand_analytics.domain.seo.judging_sites import behind, lost, sinking_pages, turning
from tillhand_analytics.domain.seo.study import Study


def findings(found: Study) -> tuple[Finding, ...]:
    """All findings, those with the most clicks to be won first.

    A pair that sinks is not told again as one in striking distance, nor a page that sinks where one of its queries is
    told. Of striking distance only the core is told, of lost queries those that had clicks; and of no query whose page
    nobody knows, for nothing could be done about it.
    """
    told = [
        *(*sinking(found), *sinking_pages(found), *gapped(found), *turning(found)),
        *(*nearly_seen(found), *lost(found), *behind(found)),
    ]
    placed = [each for each in told if each.page]
    return tuple(sorted(placed, key=lambda each: (-each.impact.clicks, each.kind, each.page, each.query or "")))
