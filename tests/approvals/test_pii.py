"""The figures on labelled texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tillhand_approvals.commands.pii import evaluate
from tillhand_approvals.domain.redaction.finding import Span
from tillhand_approvals.domain.redaction.measures import Labelled, f_beta, score
from tillhand_approvals.errors.redaction import UnreadableText

SHARED = Path(__file__).parents[3] / "shared/data/pii/presidio_research_generated_large.json"


def test_a_span_counts_from_nine_tenths_of_overlap() -> None:
    text = "x" * 100
    sample = Labelled(text, (("PERSON", 0, 10),))
    assert score([sample], lambda _: [Span("PERSON", 0, 9, 1)])["f2"] == 1.0
    assert score([sample], lambda _: [Span("PERSON", 0, 8, 1)])["f2"] == 0.0


def test_the_overall_figure_knows_one_kind_and_the_table_each() -> None:
    figures = score([Labelled("Ann in Rome", (("PERSON", 0, 3),))], lambda _: [Span("LOCATION", 0, 3, 1)])
    assert figures["f2"] == 1.0
    assert figures["f2_typed"] == 0.0
    assert figures["types"]["PERSON"]["recall"] == 0.0
    assert figures["types"]["LOCATION"]["precision"] == 0.0


def test_spans_beside_each_other_are_one() -> None:
    sample = Labelled("Ann, Lee", (("PERSON", 0, 3), ("PERSON", 5, 8)))
    assert score([sample], lambda _: [Span("PERSON", 0, 8, 1)])["f2"] == 1.0


def test_a_miss_weighs_more_than_a_false_alarm() -> None:
    assert f_beta(0.5, 1.0) == pytest.approx(0.8333, abs=1e-4)
    assert f_beta(1.0, 0.5) == pytest.approx(0.5556, abs=1e-4)


def test_what_must_be_redacted_counts_only_where_it_would_be_taken_out() -> None:
    sample = Labelled("Ann-Lee", (("PERSON", 0, 7),))
    assert score([sample], lambda _: [Span("LOCATION", 0, 7, 1)])["must_redact_recall"] == 0.0
    held = score([sample], lambda _: [Span("PERSON", 0, 3, 1), Span("ADDRESS", 4, 7, 1)])
    assert held["must_redact_recall"] == 1.0
    assert held["leaking_texts"] == 0.0


def test_a_label_that_nobody_knows_must_be_redacted() -> None:
    figures = score([Labelled("abc", (("TAX_NUMBER", 0, 3),))], lambda _: [])
    assert figures["must_redact_recall"] == 0.0


def test_char_precision_is_the_share_of_what_was_found_that_is_labelled() -> None:
    sample = Labelled("Ann was here", (("PERSON", 0, 3),))
    assert score([sample], lambda _: [Span("PERSON", 0, 7, 1)])["char_precision"] == 0.5


def test_a_file_of_labelled_texts_is_measured(tmp_path: Path) -> None:
    path = tmp_path / "labelled.json"
    text = "Hi Ann Lee, is it ann@example.com?"
    spans = [
        {"entity_type": "PERSON", "entity_value": "Ann Lee", "start_position": 3, "end_position": 10},
        {"entity_type": "EMAIL_ADDRESS", "entity_value": "", "start_position": 18, "end_position": 33},
    ]
    path.write_text(json.dumps([{"full_text": text, "spans": spans, "template_id": 1}]), "utf-8")
    figures = evaluate(path)
    assert {"f2", "must_redact_recall", "char_precision", "types"} <= figures.keys()
    assert (figures["f2"], figures["must_redact_recall"], figures["char_precision"]) == (1.0, 1.0, 1.0)
    assert figures["types"].keys() == {"PERSON", "EMAIL_ADDRESS"}


@pytest.mark.parametrize("content", ["{", "{}", "[1]", '[{"full_text": "x"}]', '[{"full_text": "x", "spans": [{}]}]'])
def test_anything_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "labelled.json"
    path.write_text(content, "utf-8")
    if content == "{}":
        assert evaluate(path)["texts"] == 0
        return
    with pytest.raises(UnreadableText):
        evaluate(path)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="wants ../shared/data")
def test_the_development_set_is_read_as_well_as_promised() -> None:
    figures = evaluate(SHARED)
    assert figures["f2"] >= 0.85
    assert figures["must_redact_recall"] >= 0.97
    assert figures["char_precision"] >= 0.90
    for kind in ("EMAIL_ADDRESS", "CREDIT_CARD", "IBAN_CODE", "US_SSN", "IP_ADDRESS", "PHONE_NUMBER", "DOMAIN_NAME"):
        assert figures["types"][kind]["covered"] >= 0.99
