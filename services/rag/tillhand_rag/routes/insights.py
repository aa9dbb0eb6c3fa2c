"""What is asked, by those who look after the documents, and what is said of answers, by those who got them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response, status

from tillhand_common.problems import Unauthorized, responses
from tillhand_common.security import Principal, require
from tillhand_rag.errors import AnswerNotFound, CollectionNotFound, InvalidCursor, StoreUnavailable
from tillhand_rag.models.base import CollectionName
from tillhand_rag.models.insights import (
    AnswerId,
    AskedPage,
    AskedQuestion,
    DayTally,
    FeedbackRequest,
    InsightSummary,
    MethodTally,
    Tally,
)
from tillhand_rag.models.moments import Moment
from tillhand_rag.ports import insight as ports
from tillhand_rag.routes.dependencies import decode_cursor, encode_cursor, insights, recorded_as
from tillhand_rag.service.insights import Insights, Said

router = APIRouter(prefix="/v1", tags=["insight"])

Curator = Annotated[Principal, Depends(require("rag:write"))]
Service = Annotated[Insights, Depends(insights)]
InCollection = Annotated[CollectionName, Query(description="The collection; keys may be bound to some.")]
Since = Annotated[Moment | None, Query(description="Only what was asked since; the last 30 days by default.")]


@router.post(
    "/answers/{answer_id}/feedback",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=responses(AnswerNotFound, StoreUnavailable),
)
async def give_feedback(
    answer_id: AnswerId,
    body: FeedbackRequest,
    principal: Annotated[Principal, Depends(require("rag:read"))],
    insights: Service,
) -> None:
    """Say whether an answer helped; whoever may ask may say so, once per person or key: the last word counts."""
    if principal.kind == "anonymous":
        raise Unauthorized("Feedback needs a key. Send it as a bearer token.")
    said = Said(recorded_as(principal), body.rating, body.comment, body.expected_source)
    await insights.say(answer_id, said, principal)


@router.get("/insights/questions", responses=responses(CollectionNotFound, InvalidCursor, StoreUnavailable))
async def list_questions(
    principal: Curator,
    insights: Service,
    collection: InCollection = "default",
    since: Since = None,
    unanswered: Annotated[bool, Query(description="Only what the sources held no answer to.")] = False,
    order: Annotated[Literal["count", "recent"], Query(description="The most asked first, or the latest.")] = "count",
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> AskedPage:
    """What is asked, redacted, like questions together, a page at a time."""
    principal.check_collection(collection)
    asking = insights.asking(collection, principal, since=since, unanswered=unanswered)
    found = await insights.questions(asking, order=order, after=_place(cursor, order), limit=limit + 1)
    return AskedPage(
        items=[_question(group) for group in found[:limit]],
        next_cursor=_cursor(found[limit - 1], order) if len(found) > limit else None,
    )


@router.get("/insights/summary", responses=responses(CollectionNotFound, StoreUnavailable))
async def summarise(
    principal: Curator, insights: Service, collection: InCollection = "default", since: Since = None
) -> InsightSummary:
    """How much is asked, how much of it is answered, and what is said of the answers, by day and by method."""
    principal.check_collection(collection)
    asking = insights.asking(collection, principal, since=since)
    found = await insights.summary(asking)
    return InsightSummary(
        collection=collection,
        since=asking.since,
        total=Tally(**_counts(found.days)),
        days=[DayTally(day=each.name, **_counts([each])) for each in found.days],
        methods=[MethodTally(method=each.name, **_counts([each])) for each in found.methods],
    )


def _question(group: ports.QuestionGroup) -> AskedQuestion:
    return AskedQuestion(
        question=group.question,
        count=group.count,
        last_asked=group.last_asked,
        last_answer_id=group.last_answer_id,
        sources=list(group.sources),
        answered_share=round(group.answered_share, 4),
        confidence=round(group.confidence, 4),
        helpful=group.helpful,
        unhelpful=group.unhelpful,
    )


def _counts(tallies: Sequence[ports.Tally]) -> dict[str, Any]:
    questions, answered, withheld, helpful, unhelpful = (
        sum(counts)
        for counts in zip(
            (0, 0, 0, 0, 0),
            *((each.questions, each.answered, each.withheld, each.helpful, each.unhelpful) for each in tallies),
            strict=True,
        )
    )
    said = helpful + unhelpful
    return {
        "questions": questions,
        "answered": answered,
        "withheld": withheld,
        "helpful": helpful,
        "unhelpful": unhelpful,
        "answered_rate": round(answered / questions, 4) if questions else None,
        "helpful_rate": round(helpful / said, 4) if said else None,
    }


def _cursor(last: ports.QuestionGroup, order: ports.Order) -> str:
    return encode_cursor(f"{last.count if order == 'count' else last.last_asked} {last.form}")


def _place(cursor: str | None, order: ports.Order) -> ports.Place | None:
    text = decode_cursor(cursor)
    if text is None:
        return None
    by, space, form = text.partition(" ")
    if not space or (order == "count" and not (by.isascii() and by.isdigit() and len(by) < len("1000000000"))):
        raise InvalidCursor("The cursor comes from no list of questions in this order.", field="cursor")
    return ports.Place(int(by) if order == "count" else by, form)
