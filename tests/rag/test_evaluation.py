"""Metrics against values worked out by hand, the files of questions, and the reports."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tillhand_rag.adapters.beir import BeirDocument, load_beir
from tillhand_rag.adapters.goldens import load_goldens
from tillhand_rag.domain.evaluation import InvalidData, JudgedQuery, evaluate_retrieval, part_of
from tillhand_rag.domain.goldens import GivenAnswer, GivenQuote, GoldenQuestion, evaluate_goldens
from tillhand_rag.domain.metrics import answer_in_quote, distinct, ndcg, percentile, recall, reciprocal_rank

SHARED = Path(__file__).resolve().parents[2] / "../shared/data/retrieval"
GRADES = {"a": 3, "b": 2, "c": 0, "d": 1}


def test_ndcg_is_trec_evals_with_graded_gains() -> None:
    # found: c (0), b (2), x (not judged), a (3); ideal: 3, 2, 1
    found = 2 / math.log2(3) + 3 / math.log2(5)
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert ndcg(["c", "b", "x", "a"], GRADES, 10) == pytest.approx(found / ideal)
    assert ndcg(["c", "b", "x", "a"], GRADES, 2) == pytest.approx((2 / math.log2(3)) / (3 + 2 / math.log2(3)))
    assert ndcg(["a", "b", "d"], GRADES, 10) == pytest.approx(1.0)


def test_the_known_example_of_cumulated_gain_comes_out() -> None:
    # The worked example of the English Wikipedia's article on DCG: grades 3 2 3 0 1 2 found, 3 and 2 missed.
    grades = dict(zip("abcdefgh", [3, 2, 3, 0, 1, 2, 3, 2], strict=True))
    assert ndcg(list("abcdef"), grades, 6) == pytest.approx(0.785, abs=5e-4)


def test_recall_and_reciprocal_rank() -> None:
    assert recall(["c", "b", "x", "a"], GRADES, 2) == pytest.approx(1 / 3)
    assert recall(["c", "b", "x", "a"], GRADES, 100) == pytest.approx(2 / 3)
    assert reciprocal_rank(["c", "x", "b"], GRADES) == pytest.approx(1 / 3)
    assert reciprocal_rank(["c", "x"], GRADES) == 0.0


def test_a_query_without_relevant_documents_scores_nothing() -> None:
    assert (ndcg(["a"], {"a": 0}, 10), recall(["a"], {}, 10), reciprocal_rank([], {})) == (0.0, 0.0, 0.0)


def test_percentiles_are_interpolated() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == pytest.approx(2.5)
    assert percentile(list(range(101)), 95) == pytest.approx(95.0)
    assert percentile([], 50) == 0.0


def test_passages_of_a_document_count_once_where_the_best_stands() -> None:
    assert distinct(["b", "a", "b", "c", "a"]) == ["b", "a", "c"]


def test_an_answer_must_stand_in_one_of_the_first_quotes() -> None:
    quotes = ["It takes three", "working  days\nin Zürich", "It costs 5 EUR"]
    assert answer_in_quote(quotes, ["x", "days in Zu\u0308rich"], 3)
    assert not answer_in_quote(quotes, ["5 EUR"], 2)
    assert not answer_in_quote(quotes, ["three working"], 3), "an answer is not put together from two quotes"
    assert not answer_in_quote([], ["x"], 3)


def test_halves_go_by_the_hash_of_the_id() -> None:
    assert part_of("56beb4343aeaaa14008c925b") in {"even", "odd"}
    assert part_of("a") == ("odd" if int(hashlib.sha256(b"a").hexdigest(), 16) % 2 else "even")


@given(st.permutations(list("abcdex")), st.integers(1, 8))
def test_metrics_are_shares_and_the_ideal_is_best(ranking: Sequence[str], k: int) -> None:
    assert 0.0 <= ndcg(ranking, GRADES, k) <= ndcg(["a", "b", "d", "c"], GRADES, k) == pytest.approx(1.0)
    assert 0.0 <= recall(ranking, GRADES, k) <= 1.0


# --- reports ----------------------------------------------------------------------------------------------------------


async def test_a_retrieval_report_is_the_mean_over_judged_queries() -> None:
    found = {"one": ["a", "a", "b"], "two": ["x", "a"], "three": ["a"]}
    queries = [JudgedQuery("1", "one", ("yes",)), JudgedQuery("2", "two"), JudgedQuery("9", "three")]

    async def search(text: str) -> Sequence[str]:
        await asyncio.sleep(0)
        return found[text]

    async def answer(text: str) -> Sequence[str]:
        return ["no", "oh yes"]

    report = await evaluate_retrieval(search, queries, {"1": {"a": 1, "b": 1}, "2": {"a": 1}}, (1, 10), answer=answer)
    assert report["queries"] == 2
    assert report["mrr"] == pytest.approx((1 + 1 / 2) / 2)
    assert report["recall@1"] == pytest.approx((1 / 2 + 0) / 2)
    assert report["ndcg@10"] == pytest.approx((1 + 1 / math.log2(3)) / 2)
    assert (report["answer_in_quote@1"], report["answer_in_quote@3"]) == (0.0, 1.0)
    assert 0 <= report["p50_ms"] <= report["p95_ms"]
    assert json.dumps(report)


async def test_queries_without_known_answers_are_not_asked_for_them() -> None:
    async def search(text: str) -> Sequence[str]:
        return ["a"]

    async def answer(text: str) -> Sequence[str]:
        raise AssertionError("nobody knows the answer")

    report = await evaluate_retrieval(search, [JudgedQuery("1", "?")], {"1": {"a": 1}}, answer=answer)
    assert not any(name.startswith("answer") for name in report)
    with pytest.raises(ValueError, match="judged"):
        await evaluate_retrieval(search, [JudgedQuery("1", "?")], {})


async def test_times_are_of_a_query_asked_for_the_first_time_and_as_users_ask_it() -> None:
    asked: list[str] = []

    async def search(text: str) -> Sequence[str]:
        asked.append(f"deep {text}")
        return ["a"]

    async def timed(text: str) -> object:
        asked.append(text)
        return None

    await evaluate_retrieval(search, [JudgedQuery("1", "one")], {"1": {"a": 1}}, timed=timed)
    assert asked == ["one", "deep one"]


GOLDENS = [
    GoldenQuestion("hit", "a", True, ("30 days",), ("documents/returns.md",), tags=("easy",)),
    GoldenQuestion("third", "b", True, ("5 EUR",), ("products.jsonl#x",), tags=("easy", "price")),
    GoldenQuestion("declined", "c", True, ("x",), ("d.md",)),
    GoldenQuestion("elsewhere", "d", True, ("30 days",), ("documents/returns.md",)),
    GoldenQuestion("wrong", "e", True, ("30 days",), ("d.md",)),
    GoldenQuestion("none", "f", False, tags=("unanswerable",)),
    GoldenQuestion("invented", "g", False, tags=("unanswerable",)),
]
GIVEN = {
    "hit": [GivenQuote("within 30\ndays", "/data/samples/documents/returns.md")],
    "third": [GivenQuote("a", "x.md"), GivenQuote("b", "x.md"), GivenQuote("it costs 5 EUR", "products.jsonl#x")],
    "elsewhere": [GivenQuote("30 days", "old-documents/returns.md.bak")],
    "wrong": [GivenQuote("14 days", "d.md")],
    "invented": [GivenQuote("30 days", "documents/returns.md")],
}


async def test_golden_questions_are_tallied_by_tag_and_every_failure_is_named() -> None:
    async def answer(golden: GoldenQuestion) -> GivenAnswer:
        quotes = GIVEN.get(golden.id, [])
        return GivenAnswer(bool(quotes), quotes, 0.5)

    report = await evaluate_goldens(answer, GOLDENS)
    assert report.overall.questions == 7
    assert report.overall.accuracy == pytest.approx(5 / 7)
    assert report.overall.answerable == pytest.approx(4 / 5)
    assert report.overall.unanswerable == pytest.approx(1 / 2)
    assert report.overall.precision == pytest.approx(4 / 5)
    assert report.overall.quote_hit_1 == pytest.approx(2 / 5)
    assert report.overall.quote_hit_3 == pytest.approx(3 / 5)
    assert report.overall.source_hit == pytest.approx(3 / 5)
    assert report.tags["easy"].quote_hit_3 == 1.0
    assert report.tags["unanswerable"].source_hit == 1.0, "nothing was asked"
    assert {failure.id: failure.problem for failure in report.failures} == {
        "declined": "not answered",
        "elsewhere": "not from the source",
        "wrong": "not in the quotes",
        "invented": "answered without a source",
    }
    assert json.loads(json.dumps(report.as_json()))["quote_hit@3"] == pytest.approx(3 / 5)
    with pytest.raises(ValueError, match="no golden"):
        await evaluate_goldens(answer, [])


# --- files ------------------------------------------------------------------------------------------------------------


def beir(folder: Path, **files: str) -> Path:
    contents = {
        "corpus": '{"_id": "d1", "title": "T", "text": "x"}\n\n{"_id": "d2", "text": "y"}\n',
        "queries": '{"_id": "q1", "text": "?", "metadata": {"answers": [{"text": "x", "start": 0}, "y"]}}\n',
        "qrels": "query-id\tcorpus-id\tscore\nq1\td1\t2\n",
    } | files
    (folder / "qrels").mkdir()
    (folder / "corpus.jsonl").write_text(contents["corpus"], encoding="utf-8")
    (folder / "queries.jsonl").write_text(contents["queries"], encoding="utf-8")
    (folder / "qrels/test.tsv").write_text(contents["qrels"], encoding="utf-8")
    return folder


def test_a_beir_folder_is_read(tmp_path: Path) -> None:
    data = load_beir(beir(tmp_path))
    assert data.documents == [BeirDocument("d1", "T", "x"), BeirDocument("d2", "", "y")]
    assert data.queries == [JudgedQuery("q1", "?", ("x", "y"))]
    assert data.qrels == {"q1": {"d1": 2}}


def test_a_query_may_stand_in_a_file_of_its_split(tmp_path: Path) -> None:
    folder = beir(tmp_path)
    (folder / "queries_train.jsonl").write_text('{"_id": "q2", "text": "!"}\n', encoding="utf-8")
    (folder / "qrels/train.tsv").write_text("query-id\tcorpus-id\tscore\nq2\td2\t1\n", encoding="utf-8")
    assert [query.id for query in load_beir(folder, "train").queries] == ["q2"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("corpus", '{"_id": "d1", "text": "x"}\n{"_id": ', r"corpus\.jsonl:2: not JSON"),
        ("corpus", "[]", r"corpus\.jsonl:1: not a JSON object"),
        ("corpus", '{"_id": 7, "text": "x"}', r"corpus\.jsonl:1: '_id' is not a string"),
        ("corpus", '{"_id": "d1", "text": " "}', r"corpus\.jsonl:1: neither title nor text"),
        ("corpus", "", r"corpus\.jsonl: no documents"),
        ("queries", '{"_id": "q1"}', r"queries\.jsonl:1: 'text' is missing"),
        ("queries", '{"_id": "q1", "text": "?", "metadata": []}\n{}', r"queries\.jsonl:2: '_id' is missing"),
        ("queries", '{"_id": "q1", "text": "?", "metadata": "m"}', r"queries\.jsonl:1: 'metadata' is not an object"),
        ("queries", '{"_id": "q1", "text": "?", "metadata": {"answers": 5}}', r":1: 'metadata.answers' is not a list"),
        ("queries", '{"_id": "q9", "text": "?"}', "no text for the judged query 'q1'"),
        ("qrels", "query-id\tcorpus-id\tscore\nq1\td1", r"test\.tsv:2: 2 columns"),
        ("qrels", "q1\td1\tgood", r"test\.tsv:1: the score 'good' is no whole number"),
        ("qrels", "query-id\tcorpus-id\tscore\n", r"test\.tsv: no judgements"),
    ],
)
def test_what_is_wrong_with_a_beir_folder_is_named_by_file_and_line(
    tmp_path: Path, file: str, content: str, message: str
) -> None:
    with pytest.raises(InvalidData, match=message):
        load_beir(beir(tmp_path, **{file: content}))


def test_a_missing_file_or_another_encoding_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match=r"dev\.tsv: there is no such file"):
        load_beir(beir(tmp_path), "dev")
    (tmp_path / "corpus.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidData, match=r"corpus\.jsonl: not UTF-8"):
        load_beir(tmp_path)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data is not here")
@pytest.mark.parametrize(
    ("name", "documents", "queries", "answers"), [("xquad-en", 240, 1190, 1190), ("anthropic-docs", 232, 100, 0)]
)
def test_published_collections_are_read(name: str, documents: int, queries: int, answers: int) -> None:
    data = load_beir(SHARED / name)
    assert (len(data.documents), len(data.queries)) == (documents, queries)
    assert sum(bool(query.answers) for query in data.queries) == answers


def test_golden_questions_are_read(tmp_path: Path) -> None:
    path = tmp_path / "goldens.yaml"
    path.write_text(
        "version: 1\nquestions:\n"
        '- {id: a, question: "How long?", answerable: true, quotes: [30 days], sources: [x.md], tags: [easy]}\n'
        '- {id: b, question: "Why?", answerable: false, filters: {price_minor: {lte: 500}, brand: Aster}}\n',
        encoding="utf-8",
    )
    first, second = load_goldens(path)
    assert first == GoldenQuestion("a", "How long?", True, ("30 days",), ("x.md",), tags=("easy",))
    assert second.filters == {"price_minor": {"lte": 500}, "brand": "Aster"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("version: 1\nquestions: [", r"goldens\.yaml:2: not YAML"),
        ("- a", "the file"),
        ("version: 2\nquestions: [{id: a, question: b, answerable: false}]", "version"),
        ("version: 1\nquestions: []", "questions"),
        ("version: 1\nquestions: [{id: a, question: b, answerable: true}]", r"'a'.*names at least one quote"),
        ("version: 1\nquestions: [{id: a, question: b, answerable: false, qoutes: [x]}]", r"qoutes \(question 'a'\)"),
        ("version: 1\nquestions: [7]", r"questions\.0 \(question 'without id'\)"),
        (
            "version: 1\nquestions: [{id: a, question: b, answerable: false}, {id: a, question: c, answerable: false}]",
            "'a' is given twice",
        ),
    ],
)
def test_what_is_wrong_with_golden_questions_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "goldens.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidData, match=message):
        load_goldens(path)


def test_a_missing_file_of_golden_questions_is_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidData, match="there is no such file"):
        load_goldens(tmp_path / "none.yaml")
    (tmp_path / "other.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidData, match="not UTF-8"):
        load_goldens(tmp_path / "other.yaml")
