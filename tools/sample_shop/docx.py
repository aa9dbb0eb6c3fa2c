"""Render blocks as a Word document whose bytes depend on nothing but the blocks and the version of python-docx.

The archive is written again with fixed times and without compression, because compressed bytes differ between
builds of zlib. What the template of python-docx brings along and no document here uses is left out: it is fifty
times larger than the text.
"""

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE

from sample_shop.blocks import Block, Heading, Items, Paragraph, Table

PUBLISHED = datetime(2025, 1, 15, 9, 0)  # noqa: DTZ001 - python-docx writes naive times as UTC
ZIP_TIME = (2025, 1, 15, 9, 0, 0)
TABLE_STYLE = "Table Grid"
TABLE_STYLES_KEPT = frozenset({"Normal Table", TABLE_STYLE})
UNUSED_PARTS = ("/stylesWithEffects", "/customXml", "/metadata/thumbnail")


def _lighten(word: WordDocument) -> None:
    for style in list(word.styles):
        if style.type is WD_STYLE_TYPE.TABLE and style.name not in TABLE_STYLES_KEPT:
            style.delete()
    for relations in (word.part.rels, word.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype.endswith(UNUSED_PARTS)]:
            del relations[key]


def _table(word: WordDocument, block: Table) -> None:
    table = word.add_table(rows=len(block.rows), cols=len(block.rows[0]), style=TABLE_STYLE)
    for row, texts in zip(table.rows, block.rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text


def _write(word: WordDocument, block: Block) -> None:
    match block:
        case Heading(level=level, text=text):
            word.add_heading(text, level=level)
        case Paragraph(text=text):
            word.add_paragraph(text)
        case Items(texts=texts):
            for text in texts:
                word.add_paragraph(text, style="List Bullet")
        case Table():
            _table(word, block)


def _settled(archive: bytes) -> bytes:
    """Return the same archive with fixed times, in the order of the names, stored."""
    target = BytesIO()
    with ZipFile(BytesIO(archive)) as written, ZipFile(target, "w", ZIP_STORED) as settled:
        for name in sorted(written.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            settled.writestr(ZipInfo(name, date_time=ZIP_TIME), written.read(name))
    return target.getvalue()


def render(blocks: list[Block]) -> bytes:
    """Return the Word document of `blocks`."""
    word = Document()
    _lighten(word)
    for block in blocks:
        _write(word, block)
    properties = word.core_properties
    properties.author = "Brackenlane Cycle Supply"
    properties.title = next(block.text for block in blocks if isinstance(block, Heading))
    properties.comments = ""
    properties.created = properties.modified = PUBLISHED
    buffer = BytesIO()
    word.save(buffer)
    return _settled(buffer.getvalue())
