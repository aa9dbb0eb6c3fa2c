"""Which folders may be read, by whom, and what of them: nothing outside, whatever links lead there."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.ingestions import ingest_folder, reading_base, sources_of, write
from tests.fakes.knowledge import Knowledge
from tillhand_common.keys import KeyStore, bootstrap, store_path
from tillhand_rag.adapters import folders as adapter
from tillhand_rag.adapters.folder_walk import READABLE
from tillhand_rag.adapters.folders import AllowedFolder, AllowedFolders
from tillhand_rag.adapters.parsing.sniffing import recognise
from tillhand_rag.domain.globs import matches
from tillhand_rag.domain.ingestions import FolderSource
from tillhand_rag.domain.jobs import Failure
from tillhand_rag.errors import FolderNotAllowed, MislabelledDocument, SourceUnavailable, UnreadableDocument
from tillhand_rag.ports.folders import FileContent

SECRET = "The treasure lies under the teak tree."


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Knowledge]:
    write(tmp_path / "docs", {"returns.md": "Thirty days."})
    write(tmp_path / "secret", {"treasure.md": SECRET})
    async with reading_base(tmp_path) as opened:
        yield opened


async def refused(base: Knowledge, path: str, **fields: object) -> str:
    """The sentence with which a folder is refused."""
    answer = await base.http.post("/v1/ingestions", json={"source": {"type": "folder", "path": path}, **fields})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tillhand:problem:folder-not-allowed"), answer.text
    detail: str = answer.json()["detail"]
    return detail


async def test_a_folder_outside_the_allowed_ones_is_refused_in_the_words_of_one_that_is_not_there(
    base: Knowledge, tmp_path: Path
) -> None:
    (tmp_path / "docs" / "way-out").symlink_to(tmp_path / "secret")
    write(tmp_path / "docs-too", {"a.md": "Next door."})
    outside = [
        str(tmp_path / "secret"),
        str(tmp_path / "nowhere"),
        str(tmp_path / "docs" / ".." / "secret"),
        str(tmp_path / "docs" / "way-out"),
        str(tmp_path / "docs" / "nowhere"),
        str(tmp_path / "docs" / "returns.md"),
        str(tmp_path / "docs-too"),
        str(tmp_path),
        "docs",
        "/",
        "/proc/self/cwd",
    ]
    assert len({await refused(base, path) for path in outside}) == 1


async def test_without_allowed_folders_none_can_be_read(tmp_path: Path) -> None:
    async with reading_base(tmp_path, roots="") as base:
        await refused(base, str(tmp_path / "docs"))


@pytest.mark.parametrize("path", [r"/a\u0000b", r"/\ud800", "", "x" * 5_000])
async def test_a_path_that_no_folder_can_have_is_refused(base: Knowledge, path: str) -> None:
    body = '{"source": {"type": "folder", "path": "' + path + '"}}'
    answer = await base.http.post("/v1/ingestions", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "body.source.*.path")


async def test_links_that_lead_out_are_named_and_not_followed(base: Knowledge, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / "treasure.md").symlink_to(tmp_path / "secret" / "treasure.md")
    (docs / "up.md").symlink_to("../secret/treasure.md")
    (docs / "folder").symlink_to(tmp_path / "secret")
    (docs / "loop").symlink_to(docs)
    (docs / "dangling.md").symlink_to(docs / "nothing.md")
    (docs / "inside.md").symlink_to("returns.md")
    job = await ingest_folder(base, docs)
    assert set(await sources_of(base)) == {"returns.md", "inside.md"}
    assert {each["source"]: each["reason"] for each in job["failures"]} == {
        "treasure.md": "link-outside",
        "up.md": "link-outside",
    }
    assert job["report"]["complete"]


async def test_hidden_files_other_formats_and_what_is_no_file_are_left_out(base: Knowledge, tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {".git/config.md": "x", ".hidden.md": "x", "photo.jpg": b"\xff\xd8\xff", "md": "x"})
    os.mkfifo(docs / "pipe.md")
    job = await ingest_folder(base, docs)
    assert (job["progress"]["found"], job["report"]["ignored"]) == (1, 2)
    assert set(await sources_of(base)) == {"returns.md"}


async def test_a_pattern_may_name_files_of_other_formats_which_are_then_refused(
    base: Knowledge, tmp_path: Path
) -> None:
    write(tmp_path / "docs", {"photo.jpg": b"\xff\xd8\xff"})
    job = await ingest_folder(base, tmp_path / "docs", pattern="*.jpg")
    assert [(each["source"], each["reason"]) for each in job["failures"]] == [("photo.jpg", "document-unsupported")]


async def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"large.md": "x" * 2_000, "small.md": "Small."})
    async with reading_base(tmp_path, max_document_bytes=1_024) as base:
        job = await ingest_folder(base, tmp_path / "docs")
    assert [(each["source"], each["reason"]) for each in job["failures"]] == [("large.md", "document-oversized")]


async def test_a_key_of_one_collection_reads_only_folders_that_are_bound_to_it(tmp_path: Path) -> None:
    write(tmp_path / "docs", {"everybody.md": "Common."})
    write(tmp_path / "help", {"help.md": "Helpful."})
    roots = f"{tmp_path}/docs, help={tmp_path}/help"
    bootstrap(tmp_path / "data")
    keys = KeyStore(store_path(tmp_path / "data"))
    bound = keys.create("help", "service", collections=["help"], scopes=["rag:read", "rag:write"]).token
    async with reading_base(tmp_path, roots=roots, key=bound) as base:
        await refused(base, str(tmp_path / "docs"), collection="help")
        answer = await base.http.post(
            "/v1/ingestions", json={"source": {"type": "folder", "path": f"{tmp_path}/help"}, "collection": "docs"}
        )
        assert answer.status_code == 404
        job = await ingest_folder(base, tmp_path / "help", collection="help")
        assert job["state"] == "done"
        assert set(await sources_of(base, "help")) == {"help.md"}
    async with reading_base(tmp_path, roots=roots) as base:
        await refused(base, str(tmp_path / "help"))
        assert (await ingest_folder(base, tmp_path / "docs"))["state"] == "done"


async def test_a_job_reads_no_folder_that_is_not_allowed_any_more(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"returns.md": "Thirty days."})
    source = FolderSource(str(docs), str(docs))
    with pytest.raises(FolderNotAllowed):
        await AllowedFolders([], max_bytes=100).listing(source, "default")
    with pytest.raises(FolderNotAllowed):
        await AllowedFolders([AllowedFolder(str(docs), "help")], max_bytes=100).listing(source, "default")


async def test_a_folder_that_became_a_link_to_the_outside_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, {"docs/help/a.md": "Help.", "secret/a.md": SECRET})
    folders = AllowedFolders([AllowedFolder(str(tmp_path / "docs"))], max_bytes=100)
    source = folders.admitted(
        str(tmp_path / "docs" / "help"), collection="default", every_collection=True, pattern=None, prefix=""
    )
    listing = await folders.listing(source, "default")
    (tmp_path / "docs" / "help").rename(tmp_path / "docs" / "moved")
    (tmp_path / "docs" / "help").symlink_to(tmp_path / "secret")
    with pytest.raises(SourceUnavailable):
        await folders.read(source, listing.entries)
    assert not await folders.unchanged(source, listing)


async def test_a_name_that_becomes_a_link_between_looking_and_opening_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attacker is quick: the folder is swapped after it was found to lie inside, before it is opened."""
    docs = write(tmp_path / "docs", {"help/a.md": "Help.", "b.md": "B."})
    write(tmp_path / "secret", {"a.md": SECRET})
    folders = AllowedFolders([AllowedFolder(str(docs))], max_bytes=100)
    source = FolderSource(str(docs), str(docs))
    listing = await folders.listing(source, "default")
    (docs / "help" / "a.md").unlink()
    (docs / "help").rmdir()
    (docs / "help").symlink_to(tmp_path / "secret")
    (docs / "b.md").unlink()
    (docs / "b.md").symlink_to(tmp_path / "secret" / "a.md")
    read = await folders.read(source, listing.entries)
    assert [type(each) for each in read] == [Failure, Failure]
    nested = FolderSource(str(docs / "help"), str(docs))
    monkeypatch.setattr(adapter.AllowedFolders, "_folder", lambda *_: "help")
    with pytest.raises(SourceUnavailable):
        await folders.listing(nested, "default")


async def test_a_file_that_was_replaced_by_something_else_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"a.md": "A.", "b.md": "B.", "c.md": "C."})
    folders = AllowedFolders([AllowedFolder(str(docs))], max_bytes=100)
    source = FolderSource(str(docs), str(docs))
    listing = await folders.listing(source, "default")
    (docs / "a.md").unlink()
    os.mkfifo(docs / "a.md")
    (docs / "b.md").unlink()
    (docs / "b.md").mkdir()
    a, b, c = await folders.read(source, listing.entries)
    assert (type(a), type(b), type(c)) == (Failure, Failure, FileContent)


async def test_a_listing_that_was_cut_is_not_complete(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {f"{number}.md": "x" for number in range(5)})
    folders = AllowedFolders([AllowedFolder(str(docs))], max_bytes=100, most_files=3)
    listing = await folders.listing(FolderSource(str(docs), str(docs)), "default")
    assert ([entry.name for entry in listing.entries], listing.complete) == (["0.md", "1.md", "2.md"], False)
    assert [failure.reason for failure in listing.failures] == ["too-many-files"]


async def test_names_that_are_no_text_are_named_as_well_as_can_be(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs", {"a.md": "A."})
    with open(os.fsencode(docs) + b"/\xff.md", "wb"):  # noqa: ASYNC230, PTH123  # a name that no path can spell
        pass
    folders = AllowedFolders([AllowedFolder(str(docs))], max_bytes=100)
    listing = await folders.listing(FolderSource(str(docs), str(docs)), "default")
    assert [(each.source, each.reason) for each in listing.failures] == [("\ufffd.md", "file-name-unusable")]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.md", "a.md", True),
        ("*.md", "deep/er/a.md", True),
        ("*.md", "a.mdx", False),
        ("guides/*.md", "guides/a.md", True),
        ("guides/*.md", "guides/deep/a.md", False),
        ("guides/**/*.md", "guides/a.md", True),
        ("guides/**/*.md", "guides/de/ep/a.md", True),
        ("guides/**", "guides/de/ep/a.md", True),
        ("**/a?.md", "x/a1.md", True),
        ("/guides/[ab].md", "guides/b.md", True),
        ("*a*a*a*a*a*a*a*a*b", "a" * 200, False),
        ("**/**/**/**/**/x", "a/" * 40 + "y", False),
    ],
)
def test_a_pattern_means_these_paths(pattern: str, path: str, expected: bool) -> None:
    assert matches(path, pattern) is expected


@pytest.mark.parametrize("ending", sorted(READABLE))
def test_every_ending_that_is_read_names_a_format(ending: str) -> None:
    """A picture under such a name is no such file, and not just something unknown."""
    with pytest.raises((MislabelledDocument, UnreadableDocument)):
        recognise(b"\xff\xd8\xff\xe0", filename=f"a.{ending}", media_type=None)


def test_a_root_has_to_be_absolute() -> None:
    with pytest.raises(ValueError, match="has to begin"):
        AllowedFolder.parse("docs")
    assert AllowedFolder.parse("help=/srv/help/") == AllowedFolder("/srv/help", "help")
