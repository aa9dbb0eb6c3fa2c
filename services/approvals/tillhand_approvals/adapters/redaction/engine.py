"""The detector: Presidio's analyzer without a model, over our recognizers and those of its own that check digits."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import spacy
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, NoOpNlpEngine, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import SpacyRecognizer

from tillhand_approvals.adapters.redaction.lexicon import load_lexicon
from tillhand_approvals.adapters.redaction.recognizers import (
    NER_KINDS,
    NUMBERED,
    NUMBERED_KINDS,
    Allowing,
    TextRecognizer,
)
from tillhand_approvals.domain.redaction.allowing import NOTHING, AllowList
from tillhand_approvals.domain.redaction.detecting import resolved
from tillhand_approvals.domain.redaction.finding import KINDS, Span
from tillhand_approvals.domain.redaction.replacing import apart
from tillhand_approvals.errors.redaction import ModelUnusable

_LANGUAGE: Final = "en"
_NO_MODEL: Final = {"lang_code": _LANGUAGE, "model_name": "none"}
_MODELLED: Final = "SpacyRecognizer"
_SURE: Final = 0.99
"""What Presidio gives where a check digit held."""
_MAYBE_NUMBERED: Final = re.compile(r"\d{5}|[13][1-9A-HJ-NP-Za-km-z]{25}|bc1")
_NAMED: Final = list(NER_KINDS)
"""One of its kinds is enough for a recognizer to be asked, and each more costs the analyzer time."""
_WITH_NUMBERED: Final = [*_NAMED, *sorted(NUMBERED_KINDS)]


class NoContext(ContextAwareEnhancer):  # type: ignore[misc]  # Presidio comes without types
    """Leaves results as they are: what stands beside a word is our own recognizer's business."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self,
        text: str,  # noqa: ARG002  # Presidio's signature
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,  # noqa: ARG002  # as above
        recognizers: list[EntityRecognizer],  # noqa: ARG002  # as above
        context: list[str] | None = None,  # noqa: ARG002  # as above
    ) -> list[RecognizerResult]:
        """The results."""
        return raw_results


class FolderEngine(SpacyNlpEngine):  # type: ignore[misc]  # Presidio comes without types
    """A whole pipeline of spaCy, with its model for names, from a folder or an installed package."""

    def __init__(self, where: str) -> None:
        self._folder = _pipeline(where)
        super().__init__(
            models=[{"lang_code": _LANGUAGE, "model_name": str(self._folder)}],
            ner_model_configuration=NerModelConfiguration(default_score=0.55),
        )
        self.load()

    def load(self) -> None:
        """Raises `ModelUnusable`; nothing is ever fetched."""
        try:
            self.nlp = {_LANGUAGE: spacy.load(self._folder)}
        except (OSError, ValueError, ImportError) as error:
            raise ModelUnusable(f"{type(error).__name__} while reading the model for names.") from error


class PresidioDetector:
    """Finds what is personal in texts of up to a few thousand characters; it may be asked from several threads."""

    def __init__(self, *, ner: str | None = None) -> None:
        self.lexicon = load_lexicon()
        self._engine = NoOpNlpEngine([_NO_MODEL]) if ner is None else FolderEngine(ner)
        self._modelled = ner is not None
        registry = RecognizerRegistry(supported_languages=[_LANGUAGE])
        for recognizer in (TextRecognizer(self.lexicon), *(each(supported_language=_LANGUAGE) for each in NUMBERED)):
            registry.add_recognizer(recognizer)
        if self._modelled:
            registry.add_recognizer(SpacyRecognizer(supported_entities=list(NER_KINDS)))
        self._analyzer = AnalyzerEngine(registry=registry, nlp_engine=self._engine, context_aware_enhancer=NoContext())

    def detect(self, text: str, allowed: AllowList = NOTHING) -> list[Span]:
        """What is found, in order and without overlaps."""
        kinds = _WITH_NUMBERED if _MAYBE_NUMBERED.search(text) else _NAMED
        results = self._analyzer.analyze(text, _LANGUAGE, entities=kinds, nlp_artifacts=self._artifacts(text, allowed))
        named = RecognizerResult.RECOGNIZER_NAME_KEY
        ours = [each for each in results if each.recognition_metadata.get(named) != _MODELLED]
        spans = resolved(_spans(ours))
        if len(ours) < len(results):  # a model adds to what is known, and takes nothing of it away
            theirs = (each for each in results if each.recognition_metadata.get(named) == _MODELLED)
            spans = resolved([*spans, *apart([*_spans(theirs)], spans)])
        return allowed.kept(text, spans)

    def _artifacts(self, text: str, allowed: AllowList) -> Allowing:
        if self._modelled:
            read = self._engine.process_text(text, _LANGUAGE)
            artifacts = Allowing(
                read.entities, read.tokens, read.tokens_indices, read.lemmas, self._engine, _LANGUAGE, read.scores
            )
        else:
            artifacts = Allowing([], [], [], [], self._engine, _LANGUAGE)
        artifacts.allowed = allowed.words
        return artifacts


def _pipeline(where: str) -> Path:
    """The folder of a pipeline. Raises `ModelUnusable`."""
    folder = Path(where)
    if folder.is_dir():
        return folder
    package = importlib.util.find_spec(where) if where.isidentifier() else None
    for place in () if package is None else package.submodule_search_locations or ():
        for config in sorted(Path(place).glob("*/config.cfg")):
            return config.parent
    raise ModelUnusable("There is neither a folder nor an installed package of this name.")


def _spans(results: Iterable[Any]) -> Iterable[Span]:
    for result in results:
        kind = NUMBERED_KINDS.get(result.entity_type)
        if kind is not None and result.entity_type not in KINDS:
            if result.score >= _SURE:
                yield Span(kind, result.start, result.end, 0.97)
        elif result.entity_type in KINDS:
            yield Span(result.entity_type, result.start, result.end, result.score)
