"""How an address that a stranger wrote is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common.egress_errors import UrlRefused
from tillhand_common.web_address import WebAddress


@pytest.mark.parametrize(
    ("url", "spelled"),
    [
        ("http://Shop.Example", "http://shop.example/"),
        (" https://shop.example:443/a?b=c#d ", "https://shop.example/a?b=c"),
        ("HTTPS://shop.example:8443/", "https://shop.example:8443/"),
        ("http://localhost./x", "http://localhost/x"),
        ("http://shop.example/a/../b/./c/", "http://shop.example/b/c/"),
        ("http://shop.example/public/%2e%2e/private", "http://shop.example/private"),
        ("http://shop.example/../../etc/..", "http://shop.example/"),
        ("http://shop.example/straße?q=größe", "http://shop.example/stra%C3%9Fe?q=gr%C3%B6%C3%9Fe"),
        ("http://shop.example/100%?a=%41", "http://shop.example/100%25?a=%41"),
        ("http://münchen.example/", "http://xn--mnchen-3ya.example/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),  # noqa: RUF001  # digits of another script, on purpose
        ("http://[::1]:80/", "http://[::1]/"),
        ("http://[::FFFF:127.0.0.1]/", "http://127.0.0.1/"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
    ],
)
def test_an_address_has_one_spelling(url: str, spelled: str) -> None:
    address = WebAddress.parse(url)
    assert str(address) == spelled
    assert WebAddress.parse(spelled) == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "//shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://:80/",
        "http://shop.example:0/",
        "http://shop.example:99999/",
        "http://shop.example:eighty/",
        "http://user:made-up@shop.example/",
        "http://shop.example@127.0.0.1/",
        "http://shop.example:80@127.0.0.1/",
        "http://127.0.0.1\\@shop.example/",
        "http://shop.example\\.evil.example/",
        "http://shop.example/a b",
        "http://shop.example/\r\nHost: evil",
        "http://shop.example\t.evil/",
        "http://shop.exa\x00mple/",
        "http://shop..example/",
        "http://.shop.example/",
        "http://exa%6dple.test/",
        "http://" + "a" * 64 + ".example/",
        "http://shop.example/" + "a" * 5000,
        "http://faß.example/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://127.0.0.1.2/",
        "http://127.0.0.0x1/",
        "http://[fe80::1%25eth0]/",
        "http://[::1",
        "http://[v1.fe80]/",
        "http://[127.0.0.1]x/",
        "http://\ud800.example/",
    ],
)
def test_what_parsers_disagree_about_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UrlRefused) as refused:
        WebAddress.parse(url)
    assert "made-up" not in refused.value.detail
    assert "passwd" not in refused.value.detail


@pytest.mark.parametrize(
    ("reference", "spelled"),
    [
        ("", "https://shop.example/a/b?c"),
        ("x", "https://shop.example/a/x"),
        ("../x?y#z", "https://shop.example/x?y"),
        ("/x y", "https://shop.example/x%20y"),
        ("\n /x\t/y\n", "https://shop.example/x/y"),
        ("?q", "https://shop.example/a/b?q"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
    ],
)
def test_a_reference_is_read_from_where_it_stands(reference: str, spelled: str) -> None:
    assert str(WebAddress.parse("https://shop.example/a/b?c").join(reference)) == spelled


@pytest.mark.parametrize(
    "reference", ["mailto:a@shop.example", "javascript:0", "\\\\evil.example", "//[::1", "http://a@b/", "data:,x"]
)
def test_a_reference_that_leads_nowhere_is_refused(reference: str) -> None:
    with pytest.raises(UrlRefused):
        WebAddress.parse("https://shop.example/a").join(reference)


def test_what_is_shown_holds_no_query() -> None:
    assert WebAddress.parse("https://shop.example:8443/a?token=made-up").shown == "https://shop.example:8443/a"


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("https://shop.example/", True),
        ("http://www.shop.example/x", True),
        ("https://shop.example:8443/", False),
        ("https://shop.example.evil/", False),
        ("https://cdn.shop.example/", False),
    ],
)
def test_a_site_is_its_host_with_or_without_www(other: str, same: bool) -> None:
    assert WebAddress.parse("http://shop.example/").is_same_site(WebAddress.parse(other)) is same


@given(st.text(max_size=40), st.text(max_size=40), st.sampled_from(["http://", "https://", "", "//", "http:"]))
def test_whatever_is_written_is_refused_or_read_into_plain_ascii(host: str, rest: str, scheme: str) -> None:
    try:
        address = WebAddress.parse(f"{scheme}{host}/{rest}")
    except UrlRefused:
        return
    assert str(address).isascii()
    assert not set(" \r\n\\@") & set(address.host)
    assert address.target.startswith("/")
    assert not set(" \r\n\\") & set(address.target)
    assert WebAddress.parse(str(address)) == address
