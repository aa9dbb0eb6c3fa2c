"""Read a source of a generated document: a small, strict part of Markdown.

Blocks are separated by blank lines. A block is a heading (`#` or `##`), a table with a header row, a list of `- `
items, or a paragraph on one line.
"""

from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parent / "sources"


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 is the title of the document."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True)
class Items:
    """A bulleted list."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first row is the header."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Table


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in line.strip("|").split("|"))


def _block(lines: list[str]) -> Block:
    first = lines[0]
    if first.startswith("#"):
        marks, _, text = first.partition(" ")
        return Heading(level=len(marks), text=text)
    if first.startswith("|"):
        return Table(rows=tuple(_cells(line) for line in [first, *lines[2:]]))
    if first.startswith("- "):
        return Items(texts=tuple(line.removeprefix("- ") for line in lines))
    return Paragraph(text=" ".join(lines))


def read(name: str) -> list[Block]:
    """Return the blocks of the source `name`, which is given without its suffix."""
    text = (SOURCES / f"{name}.md").read_text("utf-8").strip()
    return [_block(chunk.splitlines()) for chunk in text.split("\n\n")]
