"""Render blocks as a PDF whose bytes depend on nothing but the blocks and the version of fpdf2.

Dates are fixed and streams are left uncompressed, because compressed bytes differ between builds of zlib.
"""

from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from sample_shop.blocks import Block, Heading, Items, Paragraph, Table

PUBLISHED = datetime(2025, 1, 15, 9, 0, tzinfo=UTC)
SHOP = "Brackenlane Cycle Supply"
FONT = "Helvetica"
LINE_MM = 5.2


class Manual(FPDF):  # type: ignore[misc]  # mypy is told to skip fpdf, so its class is Any
    """A4 pages with the running title on top and the page number below."""

    def __init__(self, title: str) -> None:
        super().__init__(format="A4")
        self.set_compression(compress=False)
        self.set_creation_date(PUBLISHED)
        self.set_producer(SHOP)
        self.set_title(title)
        self.set_author(SHOP)
        self.set_lang("en")
        self.set_margins(left=22, top=24, right=22)
        self.set_auto_page_break(auto=True, margin=24)
        self.running_title = title
        self.alias_nb_pages()

    def header(self) -> None:
        """Print the running title on every page but the first."""
        if self.page_no() == 1:
            return
        self.set_y(12)
        self.set_font(FONT, size=8)
        self.cell(0, 5, self.running_title, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(24)

    def footer(self) -> None:
        """Print the page number."""
        self.set_y(-16)
        self.set_font(FONT, size=8)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="C")


def _heading(page: Manual, block: Heading) -> None:
    page.ln(3)
    if page.will_page_break(25):
        page.add_page()
    page.set_font(FONT, style="B", size=18 if block.level == 1 else 13)
    page.start_section(block.text, level=block.level - 1)
    page.multi_cell(0, 8, block.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(1)


def _text(page: Manual, text: str) -> None:
    page.set_font(FONT, size=10.5)
    page.multi_cell(0, LINE_MM, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _table(page: Manual, block: Table) -> None:
    page.set_font(FONT, size=9.5)
    with page.table(line_height=6, text_align="LEFT") as table:
        for row in block.rows:
            table.row(row)
    page.ln(3)


def _draw(page: Manual, block: Block) -> None:
    match block:
        case Heading():
            _heading(page, block)
        case Paragraph(text=text):
            _text(page, text)
            page.ln(2)
        case Items(texts=texts):
            for text in texts:
                _text(page, f"\N{MIDDLE DOT} {text}")
            page.ln(2)
        case Table():
            _table(page, block)


def render(blocks: list[Block]) -> bytes:
    """Return the PDF of a document whose first block is its title."""
    title = blocks[0]
    if not isinstance(title, Heading):
        raise TypeError(f"a document begins with its title, not with {type(title).__name__}")
    page = Manual(title.text)
    page.add_page()
    for block in blocks:
        _draw(page, block)
    return bytes(page.output())
