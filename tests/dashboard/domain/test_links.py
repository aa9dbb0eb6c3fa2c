"""Links in plain text: to the web alone, and to the host that a reader sees."""

from __future__ import annotations

import pytest

from tillhand_dashboard.domain.plain_text import Link, Mark, Text, plain_text


def links(text: str) -> list[Link]:
    """The links of a text."""
    return [each for each in plain_text(text).segments if isinstance(each, Link)]


@pytest.mark.parametrize(
    ("text", "href", "host"),
    [
        ("see https://shop.example/a?b=c#d.", "https://shop.example/a?b=c#d", "shop.example"),
        ("(HTTP://Shop.Example:8080/x)", "HTTP://Shop.Example:8080/x", "shop.example"),
        ("https://a.example/wiki_(x), and", "https://a.example/wiki_(x)", "a.example"),
        ("<https://a.example>", "https://a.example", "a.example"),
        ("https://a.example?x@b.example", "https://a.example?x@b.example", "a.example"),
    ],
)
def test_an_address_becomes_a_link_with_its_host(text: str, href: str, host: str) -> None:
    (link,) = links(text)
    assert (link.href, "".join(link.parts), link.host, link.cautions) == (href, href, host, ())
    assert plain_text(text).spelled == text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "javascript:https://a.example",
        "data:text/html,https://a.example",
        "JaVaScRiPt://a.example/%0aalert(1)",
        "file:///etc/passwd",
        "//a.example",
        "www.a.example",
        "https://bank.example@evil.example/",
        "https://bank.example\\@evil.example/",
        "https:///a.example",
        "https://",
        "https://a..example",
        "https://%65vil.example",
        "https://\uff45vil.example",
        "https://a\u3002example",
        "https://[::1]/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://-a.example",
        "https://" + "a." * 200 + "example",
        "https://a.example/" + "x" * 2_000,
        "xhttps://a.example",
    ],
)
def test_what_is_no_plain_web_address_stays_text(text: str) -> None:
    assert links(text) == []
    assert plain_text(text).spelled == text


@pytest.mark.parametrize(
    ("host", "cautions"),
    [
        ("xn--pple-43d.example", ("punycode",)),
        ("p\u0430ypal.example", ("mixed-scripts", "not-ascii")),
        ("\u043f\u0440\u0438\u043c\u0435\u0440.example", ("not-ascii",)),
        ("\u6771\u4eac\u306e.example", ("not-ascii",)),
        ("127.0.0.1", ("numeric",)),
        ("0x7f000001", ("numeric",)),
        ("2130706433.", ("numeric",)),
    ],
)
def test_a_host_that_may_deceive_is_flagged(host: str, cautions: tuple[str, ...]) -> None:
    (link,) = links(f"https://{host}/login")
    assert (link.host, link.cautions) == (host, cautions)


def test_a_link_ends_before_what_is_hidden_and_may_break_too() -> None:
    assert plain_text("https://a.example\u200b.evil.example").segments == (
        Link("https://a.example", "a.example", ("https://a.example",)),
        Mark("zero width space", "U+200B"),
        Text(".evil.example"),
    )
    (link,) = links("https://a.example/" + "x" * 60)
    assert [len(part) for part in link.parts] == [40, 38]
