"""How words and meaning add up: which sentence to believe, and whether to believe it at all.

`benchmarks/confidence` fits the coefficients anew and prints how well these do. They were fitted on the questions whose
id hashes even (`part_of`) of XQuAD-en and of the sample shop's golden questions, and on two hundred questions to the
sample shop that were written for this (`benchmarks/confidence/questions.yaml`); the shop's count more. The odd half was
reported and not fitted.

`COSINE` and `LOGITS` are a conditional logit: softmax over the sentences of one question. Not fitted, but set by hand
and judged on the same questions: from "foreign" to "narrowed", so that the page of the right product wins, and a rule
before its exceptions; and the last four, for the form of a sentence. The form was set on thirty questions for
definitions and procedures put to the manuals of two shop systems, so that it outweighs the one or two words of the
question that a remark may hold beyond it; thirty others judged it.

`CONFIDENCE` is a logistic regression on whether the passages hold the answer at all. Questions without an answer were
XQuAD's with their paragraph taken away, the shop's with the passages that answer them taken away, those that have none,
and questions put to documents about something else. `DOUBTS` were set by hand: each is seldom found, and a fit on so
few questions would not tell how much it means. "later" was halved by hand: in XQuAD one paragraph answers, in a shop
often a second page.
"""

from __future__ import annotations

import math

from tillhand_rag.domain.cues import Cues

COSINE = 9.5
LOGITS = {
    "held": 5.8,
    "before": 2.45,
    "above": 2.3,
    "focused": 0.7,
    "lacking": -1.55,
    "echoing": -3.3,
    "near": 2.0,
    "foreign": -1.0,
    "misnamed": -2.0,
    "unmeasured": -2.5,
    "evasive": -0.5,
    "beside": -2.0,
    "narrowed": -2.0,
    "defining": 6.0,
    "step": 3.0,
    "first": 4.5,
    "remark": -5.0,
}
CONFIDENCE = {"bias": -6.9, "cosine": 9.35, "held": 2.85, "around": 1.9, "later": -1.0}
DOUBTS = {
    "foreign": -2.0,
    "misnamed": -3.5,
    "unmeasured": -3.0,
    "evasive": -1.5,
    "uncounted": -1.5,
    "undefined": -3.0,
    "lacking": -0.7,
}
_MOST_FOREIGN = 2.0


def evidence(cues: Cues) -> dict[str, float]:
    """The cues as the numbers that `LOGITS` weighs."""
    return {
        "held": cues.held,
        "before": cues.before,
        "above": cues.above,
        "focused": float(cues.focused),
        "lacking": float(cues.lacking),
        "echoing": float(cues.echoing),
        "near": 1 / (1 + cues.rank),
        "foreign": min(cues.foreign, _MOST_FOREIGN),
        "misnamed": float(cues.misnamed),
        "unmeasured": float(cues.unmeasured),
        "evasive": float(cues.evasive),
        "beside": float(cues.beside),
        "narrowed": float(cues.narrowed),
        "defining": float(cues.defining),
        "step": cues.step,
        "first": cues.first,
        "remark": float(cues.remark),
    }


def words_alone(cues: Cues) -> float:
    """What the words say of a sentence, as a logit among the sentences of one question."""
    return sum(LOGITS[name] * value for name, value in evidence(cues).items())


def belief(cues: Cues, cosine: float) -> float:
    """What words and meaning together say, as a logit among the sentences of one question."""
    return words_alone(cues) + COSINE * cosine


def assurance(cues: Cues, *, cosine: float) -> dict[str, float]:
    """The numbers that `CONFIDENCE` weighs, of the best sentence.

    A definition need not repeat where its term is used, nor a step what its heading says: these hold it all the same.
    """
    form = max(cues.step, float(cues.defining))
    return {
        "bias": 1.0,
        "cosine": cosine,
        "held": max(cues.held, form),
        "around": max(cues.around, form),
        "later": math.log1p(cues.rank),
    }


def doubts(cues: Cues) -> dict[str, float]:
    """The numbers that `DOUBTS` weighs, of the best sentence."""
    return {
        "foreign": min(cues.foreign, _MOST_FOREIGN),
        "misnamed": float(cues.misnamed),
        "unmeasured": float(cues.unmeasured),
        "evasive": float(cues.evasive),
        "uncounted": float(cues.uncounted),
        "undefined": float(cues.undefined),
        "lacking": float(cues.lacking),
    }


def confidence(cues: Cues, *, cosine: float) -> float:
    """The probability that the passages hold the answer, given their best sentence."""
    sure = sum(CONFIDENCE[name] * value for name, value in assurance(cues, cosine=cosine).items())
    unsure = sum(DOUBTS[name] * value for name, value in doubts(cues).items())
    return 1 / (1 + math.exp(-(sure + unsure)))
