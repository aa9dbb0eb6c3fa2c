"""The sample shop is whole: its documents, products and golden questions agree with one another."""

import json
import operator
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Annotated, Literal
from zipfile import ZipFile

import mammoth
import pypdfium2
import pytest
import yaml
from pydantic import BaseModel, ConfigDict, Field

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
GENERATOR = ROOT / "tools" / "make_samples.py"
FORMATS = {".md", ".mdx", ".html", ".txt", ".pdf", ".docx", ".csv"}
MARKUP = re.compile(r"[*`|#<>\[\]_\n]|&\w+;")

Operator = Literal["in", "lt", "lte", "gt", "gte"]
Condition = str | int | dict[Operator, str | int | list[str]]
Words = Annotated[str, Field(min_length=1, pattern=r"^\S(.*\S)?$")]


class Product(BaseModel):
    """One line of `products.jsonl`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Words
    sku: Words
    title: Words
    description: Words
    brand: Words
    category: Words
    price_minor: Annotated[int, Field(gt=0)]
    currency: Literal["EUR"]
    availability: Literal["in_stock", "out_of_stock", "preorder", "backorder", "discontinued"]
    url: Annotated[str, Field(pattern=r"^/products/[a-z0-9-]+$")]
    attributes: dict[Words, str | int | float | bool]


class Golden(BaseModel):
    """One question of `goldens.yaml`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    question: Words
    answerable: bool
    quotes: list[Words] = []
    sources: list[Words] = []
    filters: dict[Literal["brand", "category", "availability", "price_minor"], Condition] = {}
    tags: list[str]


PRODUCTS = [Product.model_validate_json(line) for line in (SAMPLES / "products.jsonl").read_text("utf-8").splitlines()]
GOLDENS = [
    Golden.model_validate(raw) for raw in yaml.safe_load((SAMPLES / "goldens.yaml").read_text("utf-8"))["questions"]
]
ANSWERABLE = [golden for golden in GOLDENS if golden.answerable]
FILTERED = [golden for golden in GOLDENS if golden.filters]
DOCUMENTS = sorted(path for path in (SAMPLES / "documents").rglob("*") if path.is_file())
BY_ID = {product.id: product for product in PRODUCTS}


def _pdf_text(path: Path) -> str:
    with pypdfium2.PdfDocument(path) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


@cache
def text_of(path: Path) -> str:
    match path.suffix:
        case ".pdf":
            return _pdf_text(path).replace("\r\n", "\n")
        case ".docx":
            with path.open("rb") as word:
                return str(mammoth.extract_raw_text(word).value)
        case _:
            return path.read_text("utf-8")


@cache
def text_of_source(source: str) -> str:
    path, _, product_id = source.partition("#")
    if not product_id:
        return text_of(SAMPLES / path)
    product = BY_ID[product_id]
    return "\n".join([product.sku, product.title, product.description, *map(str, product.attributes.values())])


def holds(field: object, condition: Condition) -> bool:
    if not isinstance(condition, dict):
        return field == condition
    compare: dict[str, Callable[..., object]] = {
        "in": lambda value, allowed: value in allowed,
        "lt": operator.lt,
        "lte": operator.le,
        "gt": operator.gt,
        "gte": operator.ge,
    }
    return all(compare[name](field, operand) for name, operand in condition.items())


def matches(product: Product, golden: Golden) -> bool:
    return all(holds(getattr(product, field), condition) for field, condition in golden.filters.items())


def test_there_are_enough_documents_of_every_format() -> None:
    assert len(DOCUMENTS) >= 40
    assert {path.suffix for path in DOCUMENTS} == FORMATS


def test_documents_are_long_enough_to_be_worth_reading() -> None:
    short = {path.name: len(text_of(path).split()) for path in DOCUMENTS if path.suffix != ".csv"}
    assert {name: words for name, words in short.items() if words < 140} == {}


def test_the_samples_stay_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 2_000_000


def test_there_are_enough_varied_products() -> None:
    assert len(PRODUCTS) >= 300
    assert len({product.brand for product in PRODUCTS}) >= 8
    assert len({product.category for product in PRODUCTS}) >= 12
    assert len({product.availability for product in PRODUCTS}) == 5


@pytest.mark.parametrize("field", ["id", "sku", "title", "description", "url"])
def test_no_two_products_share(field: str) -> None:
    seen = Counter(getattr(product, field) for product in PRODUCTS)
    assert [value for value, times in seen.items() if times > 1] == []


def test_the_manual_has_pages_headings_and_page_numbers() -> None:
    with pypdfium2.PdfDocument(SAMPLES / "documents/manuals/hexmoor-ws3-repair-stand.pdf") as pdf:
        assert len(pdf) >= 3
        assert [entry.get_title() for entry in pdf.get_toc()][:2] == [
            "Hexmoor Atlas WS-3 repair stand: manual",
            "1 Overview",
        ]
        assert f"Page 1 of {len(pdf)}" in pdf[0].get_textpage().get_text_range()


def test_the_word_document_has_headings_and_a_table() -> None:
    with (SAMPLES / "documents/trade/trade-handbook.docx").open("rb") as word:
        html = mammoth.convert_to_html(word).value
    assert "<h1>Trade customer handbook</h1>" in html
    assert "<table>" in html


def test_part_numbers_in_documents_are_in_the_catalogue() -> None:
    known = {product.sku for product in PRODUCTS}
    prefixes = "|".join({re.escape(sku.split("-")[0]) for sku in known})
    pattern = re.compile(rf"\b(?:{prefixes})-[A-Z0-9]+(?:-[A-Z0-9]+)*\b")
    unknown = {(path.name, sku) for path in DOCUMENTS for sku in pattern.findall(text_of(path)) if sku not in known}
    assert unknown == set()


@pytest.mark.parametrize(
    ("sku", "page"),
    [
        ("PEL-RAV-42-BK", "pellisand-ravine-42.html"),
        ("PEL-RAV-42-TN", "pellisand-ravine-42.html"),
        ("PEL-RAV-47-BK", "pellisand-ravine-47.html"),
        ("PEL-RAV-47-TN", "pellisand-ravine-47.html"),
        ("NOR-HB20-BK", "norstow-harbor-20.md"),
        ("NOR-HB25-BK", "norstow-harbor-25.md"),
        ("OST-C11-114", "ostrell-c11-chain.mdx"),
        ("OST-C11-118", "ostrell-c11-chain.mdx"),
        ("GAN-POR-28", "gantrel-porter-rack.html"),
        ("WEX-CIV-M-BK", "wexcombe-civic-helmet.md"),
        ("DYN-H28-32D", "dynoval-h28.html"),
        ("DYN-H28-32R", "dynoval-h28.html"),
        ("HOL-TR160-BK", "hollam-tourer-saddle.md"),
        ("HOL-TR175-HN", "hollam-tourer-saddle.md"),
        ("LUM-REL90", "lumbrit-relay-90.md"),
        ("LUM-REL60", "lumbrit-relay-90.md"),
    ],
)
def test_a_product_page_names_the_price_of_the_catalogue(sku: str, page: str) -> None:
    euros, cents = divmod(BY_ID[sku.lower()].price_minor, 100)
    assert f"{euros}.{cents:02} EUR" in text_of(SAMPLES / "documents/products" / page)


@pytest.mark.parametrize("page", sorted((SAMPLES / "documents/products").iterdir()), ids=lambda page: page.name)
def test_a_product_page_names_a_weight_of_the_catalogue(page: Path) -> None:
    text = text_of(page)
    named = [product for product in PRODUCTS if re.search(rf"\b{re.escape(product.sku)}\b", text)]
    weights = {product.attributes["weight_g"] for product in named if "weight_g" in product.attributes}
    assert not weights or "dynoval" in page.name or any(f"{weight} g" in text for weight in weights)


def test_there_are_enough_questions_of_every_kind() -> None:
    tags = Counter(tag for golden in GOLDENS for tag in golden.tags)
    assert len(GOLDENS) >= 100
    assert len(GOLDENS) - len(ANSWERABLE) >= 20
    assert tags["typo"] >= 8
    assert tags["synonym"] >= 10
    assert tags["part-number"] >= 8
    assert len(FILTERED) >= 8
    assert tags["pdf"] >= 3
    assert tags["docx"] >= 3
    assert tags["table"] >= 5


def test_no_two_questions_are_the_same() -> None:
    assert len({golden.id for golden in GOLDENS}) == len(GOLDENS)
    assert len({golden.question.lower() for golden in GOLDENS}) == len(GOLDENS)


def test_only_answerable_questions_have_quotes_and_sources() -> None:
    wrong = [g.id for g in GOLDENS if not (bool(g.quotes) == bool(g.sources) == g.answerable)]
    assert wrong == []


@pytest.mark.parametrize("golden", ANSWERABLE, ids=lambda golden: golden.id)
def test_each_quote_and_each_source_of_a_question_belong_together(golden: Golden) -> None:
    texts = {source: text_of_source(source) for source in golden.sources}
    assert [quote for quote in golden.quotes if not any(quote in text for text in texts.values())] == []
    assert [source for source, text in texts.items() if not any(quote in text for quote in golden.quotes)] == []


def test_quotes_hold_no_markup() -> None:
    marked = [(golden.id, quote) for golden in GOLDENS for quote in golden.quotes if MARKUP.search(quote)]
    assert marked == []


@pytest.mark.parametrize("golden", FILTERED, ids=lambda golden: golden.id)
def test_the_filters_of_a_question_let_its_sources_through_and_others_not(golden: Golden) -> None:
    passing = {product.id for product in PRODUCTS if matches(product, golden)}
    assert {source.partition("#")[2] for source in golden.sources} <= passing
    assert len(passing) < len(PRODUCTS)


def _content(path: Path) -> object:
    if path.suffix != ".docx":
        return path.read_bytes()
    with ZipFile(path) as word:
        return [(entry.filename, entry.date_time, word.read(entry)) for entry in word.infolist()]


def test_the_generated_files_are_what_the_generator_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, GENERATOR, "--output", tmp_path], check=True, timeout=60, stdout=subprocess.DEVNULL)
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(written) == 5
    for path in written:
        assert _content(tmp_path / path) == _content(SAMPLES / path), f"run tools/make_samples.py: {path} differs"


def test_the_structured_data_of_a_page_names_the_price_of_the_catalogue() -> None:
    structured = re.compile(r'"sku": "([^"]+)", "offers": \{"price": "([\d.]+)"')
    for page in (SAMPLES / "documents/products").glob("*.html"):
        for sku, price in structured.findall(page.read_text("utf-8")):
            assert BY_ID[sku.lower()].price_minor == round(float(price) * 100)


def test_json_lines_are_canonical() -> None:
    lines = (SAMPLES / "products.jsonl").read_text("utf-8").splitlines()
    assert all(json.dumps(json.loads(line), ensure_ascii=False) == line for line in lines)
