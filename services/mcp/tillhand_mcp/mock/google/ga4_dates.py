"""The days that a report is about: two dates, or words for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from tillhand_mcp.mock.content import Content
from tillhand_mcp.mock.google.calls import check_names, invalid

MOST_RANGES: Final = 4
DAYS_AGO: Final = re.compile(r"(\d{1,5})daysAgo")
ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
RESERVED: Final = ("date_range_", "RESERVED_")


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from the first to the last, both in it, under a name."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1


def date_ranges(content: Content, today: date) -> list[DateRange]:
    """Return the ranges of a request, in their order."""
    if not isinstance(content, list) or not content:
        raise invalid("A dateRange is required. To learn more, see the reporting guide on date ranges.")
    if len(content) > MOST_RANGES:
        raise invalid(
            f"Requests are limited to {MOST_RANGES} dateRanges. This request is for {len(content)} dateRanges."
        )
    return [_date_range(each, place, today) for place, each in enumerate(content)]


def _date_range(content: Content, place: int, today: date) -> DateRange:
    check_names(content, {"startDate", "endDate", "name"}, f"date_ranges[{place}]")
    first = _day(content.get("startDate"), "startDate", today)
    last = _day(content.get("endDate"), "endDate", today)
    if first > last:
        raise invalid(
            f"startDate must be before or equal to endDate. The startDate {content['startDate']} is after the endDate "
            f"{content['endDate']}."
        )
    name = content.get("name")
    if isinstance(name, str) and name.startswith(RESERVED):
        raise invalid(f"The dateRange name {name} must not begin with date_range_ or RESERVED_.")
    return DateRange(name or f"date_range_{place}", first, last)


def _day(content: Content, field: str, today: date) -> date:
    if content == "today":
        return today
    if content == "yesterday":
        return today - timedelta(days=1)
    if isinstance(content, str) and (ago := DAYS_AGO.fullmatch(content)):
        return today - timedelta(days=int(ago[1]))
    try:
        if isinstance(content, str) and ISO.fullmatch(content):
            return date.fromisoformat(content)
    except ValueError:
        pass
    raise invalid(f"Invalid {field} {content!r}. Dates are of the form YYYY-MM-DD, NdaysAgo, yesterday, or today.")
