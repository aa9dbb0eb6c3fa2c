"""The knowledge base of the platform, as one tenant's key opens it."""

from __future__ import annotations

from typing import Any, Final

from tillhand_approvals.domain.drafts import Finding
from tillhand_approvals.errors import DraftsUnavailable
from tillhand_common.errors import UpstreamError, UpstreamRejected
from tillhand_common.health import OK, CheckResult
from tillhand_common.http import UpstreamClient
from tillhand_common.upstream_response import UpstreamResponse

CITATIONS: Final = 5
TIMEOUT_S: Final = 60.0


class NoKnowledge:
    """Where none is connected."""

    async def find(self, tenant: str, question: str, collection: str) -> Finding:  # noqa: ARG002  # the port's
        """Nothing. Raises `DraftsUnavailable`."""
        raise DraftsUnavailable("No knowledge base is connected: set TILLHAND_RAG_URL.")


class RagKnowledge:
    """`POST /v1/answers` of services/rag. Its key belongs to one tenant, and what it opens is for that one alone."""

    def __init__(self, client: UpstreamClient, tenant: str) -> None:
        self._client = client
        self._tenant = tenant

    async def find(self, tenant: str, question: str, collection: str) -> Finding:
        """What it says to a question. Raises `DraftsUnavailable`."""
        if tenant != self._tenant:
            raise DraftsUnavailable("No knowledge base is connected for this tenant.")
        body = {"question": question, "collection": collection, "max_citations": CITATIONS}
        try:
            answer = await self._client.request("POST", "/v1/answers", json=body, timeout_s=TIMEOUT_S)
        except UpstreamRejected as error:
            raise DraftsUnavailable(f"The knowledge base refused: status {error.upstream_status}.") from error
        except UpstreamError as error:
            raise DraftsUnavailable("The knowledge base does not answer.", retry_after_s=10) from error
        return _finding(answer)

    async def check(self) -> CheckResult:
        """Whether it is ready; it only degrades."""
        try:
            await self._client.request("GET", "/ready", timeout_s=4.0)
        except UpstreamError:
            return CheckResult("degraded", "The knowledge base is not ready: replies cannot be drafted.")
        return OK


def _finding(answer: UpstreamResponse) -> Finding:
    try:
        given: dict[str, Any] = answer.json()
        return Finding(
            text=given["answer"] if given["answered"] else None,
            confidence=float(given["confidence"]),
            threshold=float(given["threshold"]),
            method=str(given["method"]),
            citations=tuple(dict(each) for each in given["citations"]),
            notices=tuple(dict(each) for each in given["notices"]),
            model=given["model"],
        )
    except (KeyError, TypeError, ValueError, UpstreamError) as error:
        raise DraftsUnavailable("The knowledge base gave an answer of another kind.") from error
