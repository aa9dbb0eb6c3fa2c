"""Small files of every format, made on the spot; the parser under test; and the data for development."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import docx
import pypdf
from fpdf import FPDF

from tillhand_rag.adapters.parsing import FormatParser
from tillhand_rag.domain.documents import ParsedDocument

SHARED = Path(__file__).parents[2] / "../shared/data"

Line = tuple[float, str]
"""Type size in points, and words."""


def parse_all(content: str | bytes, filename: str, media_type: str | None = None) -> Sequence[ParsedDocument]:
    """Every document of a file."""
    data = content.encode() if isinstance(content, str) else content
    return FormatParser().parse(data, filename=filename, media_type=media_type)


def parse(content: str | bytes, filename: str, media_type: str | None = None) -> ParsedDocument:
    """The only document of a file."""
    (document,) = parse_all(content, filename, media_type)
    return document


def pdf_file(pages: Sequence[Sequence[Line]], *, title: str = "") -> bytes:
    """A PDF; each page is a list of lines or paragraphs, wrapped at the margin."""
    pdf = FPDF()
    pdf.set_margin(20)
    if title:
        pdf.set_title(title)
    for page in pages:
        pdf.add_page()
        for size, words in page:
            pdf.set_font("Helvetica", size=size)
            pdf.multi_cell(0, size * 0.5, words, align="L", new_x="LMARGIN", new_y="NEXT")
            pdf.ln(3)
    return bytes(pdf.output())


def encrypted_pdf(password: str) -> bytes:
    """A PDF that wants a password."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf_file([[(12, "Nobody reads this without the word.")]])))
    writer.encrypt(password, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx_file(blocks: Sequence[tuple[str, str]], table: Sequence[Sequence[str]] = ()) -> bytes:
    """A Word document of (style, words), with a table at its end."""
    document = docx.Document()
    for style, words in blocks:
        document.add_paragraph(words, style=style)
    if table:
        grid = document.add_table(rows=0, cols=len(table[0]))
        for row in table:
            for cell, words in zip(grid.add_row().cells, row, strict=True):
                cell.text = words
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def zip_file(parts: dict[str, bytes]) -> bytes:
    """An archive of these parts, compressed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
