"""How words and meaning add up: which sentence to believe, and whether to believe it at all.

The coefficients were fitted on the questions whose id hashes even (`part_of`) of XQuAD-en and of the sample shop's
golden questions, which count double: `LOGITS` and `COSINE` as a conditional logit (softmax over the sentences of one
question, L2 penalty 1), `CONFIDENCE` as a logistic regression on whether the best sentence answers. Questions without
an answer were XQuAD's with their paragraph taken away, the golden ones that have none, and questions put to documents
about something else. The odd half was reported and not fitted.

The last four of `LOGITS`, for the form of a sentence, are not fitted: those questions ask mostly for facts. They were
set by hand, in halves, on thirty questions for definitions and procedures put to the manuals of two shop systems, so
that the form outweighs the one or two words of the question that a remark may hold beyond it, and so that nothing was
lost on the even half. Thirty other questions were kept apart to judge by.
"""

from __future__ import annotations

import math

from tillhand_rag.domain.cues import Cues

COSINE = 9.0
LOGITS = {
    "held": 7.3,
    "before": 3.6,
    "above": 2.9,
    "focused": 1.25,
    "lacking": -2.4,
    "echoing": -3.3,
    "near": 2.45,
    "defining": 6.0,
    "step": 3.0,
    "first": 4.5,
    "remark": -5.0,
}
CONFIDENCE = {"bias": -6.57, "cosine": 7.32, "held": 3.61, "foreign": -0.54, "share": 1.97}


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


def confidence(cues: Cues, *, cosine: float, share: float) -> float:
    """The probability that the best sentence answers; `share` is its part of the belief in all sentences.

    A definition need not repeat where its term is used, nor a step what its heading says: these hold it all the same.
    """
    held = max(cues.held, cues.step, float(cues.defining))
    measured = {"bias": 1.0, "cosine": cosine, "held": held, "foreign": cues.foreign, "share": share}
    return 1 / (1 + math.exp(-sum(CONFIDENCE[name] * value for name, value in measured.items())))
