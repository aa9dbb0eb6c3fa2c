"""Golden questions from a YAML file: `version: 1`, and `questions`, a list."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tillhand_rag.domain.documents import AttributeValue
from tillhand_rag.domain.evaluation import InvalidData
from tillhand_rag.domain.goldens import GoldenQuestion


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Question(_Strict):
    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answerable: bool
    quotes: list[str] = Field(default_factory=list)
    sources: list[str] = Field(default_factory=list)
    filters: dict[str, AttributeValue | dict[str, Any]] = Field(default_factory=dict)
    tags: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_what_is_right(self) -> Self:
        if self.answerable != bool(self.quotes):
            raise ValueError("an answerable question names at least one quote, an unanswerable one names none")
        return self

    def golden(self) -> GoldenQuestion:
        return GoldenQuestion(
            id=self.id,
            question=self.question,
            answerable=self.answerable,
            quotes=tuple(self.quotes),
            sources=tuple(self.sources),
            filters=self.filters,
            tags=tuple(self.tags),
        )


class _File(_Strict):
    version: Literal[1]
    questions: list[_Question] = Field(min_length=1)


def load_goldens(path: Path) -> list[GoldenQuestion]:
    """Read the questions. Raises `InvalidData` naming the file, and the question or line that is wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        questions = _File.model_validate(content).questions
    except FileNotFoundError as error:
        raise InvalidData(f"{path}: there is no such file") from error
    except UnicodeDecodeError as error:
        raise InvalidData(f"{path}: not UTF-8 text") from error
    except yaml.YAMLError as error:
        raise InvalidData(f"{path}{_line(error)}: not YAML") from error
    except ValidationError as error:
        raise InvalidData(f"{path}: {_first(error, content)}") from error
    if repeated := [name for name, count in Counter(each.id for each in questions).items() if count > 1]:
        raise InvalidData(f"{path}: the id {repeated[0]!r} is given twice")
    return [question.golden() for question in questions]


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f":{mark.line + 1}" if mark else ""


def _first(error: ValidationError, content: dict[str, Any]) -> str:
    """The first thing wrong, with the id of its question where it has one."""
    found = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in found["loc"])
    match found["loc"]:
        case ("questions", int(index), *_):
            question = content["questions"][index]
            name = question.get("id", "without id") if isinstance(question, dict) else "without id"
            return f"{place} (question {name!r}): {found['msg']}"
        case _:
            return f"{place or 'the file'}: {found['msg']}"
