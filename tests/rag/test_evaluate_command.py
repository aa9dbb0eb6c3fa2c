"""The evaluation as it is called: one reading, asked in one mode or in all, by halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tillhand_rag.commands import evaluate
from tillhand_rag.domain.evaluation import InvalidData, part_of
from tillhand_rag.domain.query import MODES

FILES = {
    "corpus.jsonl": '{"_id": "d1", "text": "Gloves are washed by hand."}\n{"_id": "d2", "text": "A chain is oiled."}\n',
    "queries.jsonl": '{"_id": "q1", "text": "How are gloves washed?", "metadata": {"answers": ["by hand"]}}\n',
    "qrels/test.tsv": "q1\td1\t1\n",
}


@pytest.fixture
def installed(prepared_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment in which the command finds the model, and a data directory of its own."""
    monkeypatch.setenv("TILLHAND_MODEL_DIR", str(prepared_model))
    monkeypatch.setenv("TILLHAND_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.usefixtures("installed")
async def test_all_modes_are_asked_of_documents_that_were_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    said: list[str] = []
    report = await evaluate(folder, mode="all", say=said.append)
    assert said == ["Read 2 of 2 documents.", "Asking 1 questions …"]
    assert list(report["modes"]) == list(MODES)
    assert [figures["ndcg@10"] for figures in report["modes"].values()] == [1.0, 1.0, 1.0]
    alone = await evaluate(folder, mode="keyword", say=said.append)
    assert alone.keys() - report.keys() == report["modes"]["keyword"].keys()
    with pytest.raises(InvalidData, match="hybrid, dense, keyword, all"):
        await evaluate(folder, mode="both", say=said.append)


@pytest.mark.usefixtures("installed")
async def test_golden_questions_too_are_asked_by_halves(tmp_path: Path) -> None:
    (tmp_path / "care.md").write_text("# Care\n\nGloves are washed by hand.\n", encoding="utf-8")
    goldens = tmp_path / "goldens.yaml"
    question = 'question: "How are gloves washed?", answerable: true, quotes: [by hand], sources: [care.md]'
    goldens.write_text(f"version: 1\nquestions: [{{id: care, {question}}}]", encoding="utf-8")
    half = part_of("care")
    report = await evaluate(goldens, part=half, say=lambda _: None)
    assert (report["part"], report["questions"], report["source_found@5"]) == (half, 1, 1.0)
    with pytest.raises(InvalidData, match="no question is left"):
        await evaluate(goldens, part="even" if half == "odd" else "odd", say=lambda _: None)
