"""The file name of what came from the web, such that the parser reads it as what the server says it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_common.egress_errors import UrlRefused
from tillhand_common.web_address import WebAddress
from tillhand_rag.adapters.fetching.naming import filename_for, may_be_document
from tillhand_rag.adapters.parsing.encoding import charset_of
from tillhand_rag.adapters.parsing.sniffing import recognise

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("path", "media_type", "filename"),
    [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/guides/", "text/html", "index.html"),
        ("/guides/rope", "text/html", "rope.html"),
        ("/rope.php?id=7.pdf", "text/html", "rope.php.html"),
        ("/rope.HTM", "Text/HTML", "rope.HTM"),
        ("/blob/README.md", "text/html", "README.md.html"),
        ("/raw/README.md", "text/plain", "README.md"),
        ("/raw/README", "text/plain", "README.txt"),
        ("/v1.2/notes", "text/markdown", "notes.md"),
        ("/manual.pdf", "application/pdf", "manual.pdf"),
        ("/download", "application/pdf", "download.pdf"),
        ("/manual.pdf", "application/octet-stream", "manual.pdf"),
        ("/manual.pdf", None, "manual.pdf"),
        ("/manual", None, "manual"),
        ("/letter", DOCX, "letter.docx"),
        ("/products.tsv", "text/csv", "products.tsv"),
        ("/feed", "application/x-ndjson", "feed.jsonl"),
        ("/gr%C3%B6%C3%9Fe", "text/html", "größe.html"),
        ("/a%2F..%2F..%2Fetc%2Fpasswd", "text/plain", "a_.._.._etc_passwd.txt"),
        ("/.env", "text/plain", "env.txt"),
        ("/a%00%0Ab", "text/html", "ab.html"),
    ],
)
def test_a_name_fits_the_media_type(path: str, media_type: str | None, filename: str) -> None:
    assert filename_for(WebAddress.parse(f"http://shop.example{path}"), media_type) == filename


@pytest.mark.parametrize("path", ["/README.md", "/manual.pdf", "/data.csv", "/", "/a.b.c", "/x.docx"])
def test_a_page_is_read_as_a_page_whatever_its_address_ends_with(path: str) -> None:
    name = filename_for(WebAddress.parse(f"http://shop.example{path}"), "text/html")
    assert recognise(b"<!doctype html><p>Rope</p>", filename=name, media_type="text/html") == "html"


@given(st.text(max_size=300), st.sampled_from(["text/html", "text/plain", DOCX, "application/octet-stream", None]))
def test_a_name_is_always_one_harmless_part_of_a_path(path: str, media_type: str | None) -> None:
    try:
        address = WebAddress.parse("http://shop.example/").join(f"/{path}")
    except UrlRefused:
        return
    name = filename_for(address, media_type)
    assert name
    assert len(name) <= 255
    assert name.isprintable()
    assert not name.startswith(".")
    assert not set("/\\") & set(name)


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/html; charset=ISO-8859-1", "iso-8859-1"),
        ('text/html; charset="utf-8"', "utf-8"),
        ("text/html", None),
        (None, None),
        ("; charset=größe", None),
    ],
)
def test_the_charset_is_read_from_the_media_type(media_type: str | None, charset: str | None) -> None:
    assert charset_of(media_type) == charset


@pytest.mark.parametrize(
    ("media_type", "may"),
    [("text/html", True), (None, True), ("application/pdf", True), ("IMAGE/png", False), ("text/css; x=y", False)],
)
def test_pictures_and_styles_are_no_documents(media_type: str | None, may: bool) -> None:
    assert may_be_document(media_type) is may
