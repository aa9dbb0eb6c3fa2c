"""Presidio's recognizers that we use, and ours."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from presidio_analyzer import EntityRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts
from presidio_analyzer.predefined_recognizers import (
    CryptoRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    ItFiscalCodeRecognizer,
    MedicalLicenseRecognizer,
)

from tillhand_approvals.domain.redaction.detecting import detect
from tillhand_approvals.domain.redaction.finding import CRYPTO, ID, KINDS
from tillhand_approvals.domain.redaction.lexicon import Lexicon

NUMBERED: Final = (
    CryptoRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    ItFiscalCodeRecognizer,
    MedicalLicenseRecognizer,
)
"""Numbers of papers and purses that carry a check digit: Presidio's results count where it held."""
NUMBERED_KINDS: Final = {
    "CRYPTO": CRYPTO,
    "ES_NIE": ID,
    "ES_NIF": ID,
    "IT_FISCAL_CODE": ID,
    "MEDICAL_LICENSE": ID,
}
NER_KINDS: Final = ("PERSON", "LOCATION", "ORGANIZATION", "NRP")


class Allowing(NlpArtifacts):  # type: ignore[misc]  # Presidio comes without types
    """What Presidio hands to recognizers, with the words of the shop's catalogue."""

    allowed: Collection[str] = ()


class TextRecognizer(EntityRecognizer):  # type: ignore[misc]  # Presidio comes without types
    """Everything of ours: what its form gives away, telephones, addresses, names."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        super().__init__(supported_entities=sorted(KINDS), supported_language="en", name="TillhandRecognizer")

    def load(self) -> None:
        """Nothing is left to load."""

    def analyze(
        self,
        text: str,
        entities: Sequence[str],  # noqa: ARG002  # Presidio's signature; every kind is looked for, as they exclude each other
        nlp_artifacts: Any = None,  # noqa: ANN401  # Presidio's, without types
    ) -> list[RecognizerResult]:
        """What is found."""
        allowed = nlp_artifacts.allowed if isinstance(nlp_artifacts, Allowing) else ()
        return [
            RecognizerResult(span.kind, span.start, span.end, span.score)
            for span in detect(text, self._lexicon, allowed)
        ]
