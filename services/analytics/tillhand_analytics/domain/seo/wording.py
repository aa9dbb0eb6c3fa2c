"""What to do about a finding, in a sentence made of its evidence."""

from __future__ import annotations

import numpy as np

from tillhand_analytics.domain.seo.worth import path_of


def sinks(page: str, query: str | None, before: float, now: float, since: np.datetime64) -> str:
    """About a page that sinks, for a query or as a whole."""
    wanted = "its queries" if query is None else f"“{query}”"
    return (
        f"Renew {path_of(page)}: for {wanted} it has sunk from position {before:.1f} to {now:.1f} since {since}. "
        "Compare it with the pages that now stand before it, and answer what they answer better."
    )


def gapped(page: str, query: str, position: float, ctr: float, expected_ctr: float) -> str:
    """About a result that is clicked too seldom."""
    return (
        f"Rewrite the title and the description of {path_of(page)}: for “{query}”, at position {position:.1f}, "
        f"{ctr:.1%} of those who see it click, and {expected_ctr:.1%} do on this site's other results there."
    )


def nearly(page: str, query: str, position: float, impressions_month: float, clicks_month: float) -> str:
    """About a result that is nearly seen."""
    return (
        f"Strengthen {path_of(page)} for “{query}”: it is shown {impressions_month:,.0f} times a month at position "
        f"{position:.1f}; at position 3 it would bring about {clicks_month:,.0f} clicks more. Answer the query in its "
        "heading, and link to it from pages that already rank."
    )


def turns(keep: str, other: str, query: str, changes: int, days: int) -> str:
    """About two pages in each other's way."""
    return (
        f"Keep {path_of(keep)} for “{query}” and let {path_of(other)} point to it: the two changed places {changes} "
        f"times in {days} days. Give the other page a purpose of its own, or redirect it."
    )


def lost(page: str, query: str, last_seen: np.datetime64, days: int) -> str:
    """About a query that is not seen any more."""
    return (
        f"Find out why {path_of(page)} is not shown for “{query}” any more: it was on {days} days of the window "
        f"before, last on {last_seen}. Check that the page is indexed and still speaks of it."
    )


def behind(page: str, query: str, google: float, bing: float) -> str:
    """About a page that Bing likes better."""
    return (
        f"See what holds {path_of(page)} back on Google for “{query}”: it stands at position {google:.1f} there and at "
        f"{bing:.1f} on Bing. Look for better pages of others and for missing links, not for missing text."
    )
