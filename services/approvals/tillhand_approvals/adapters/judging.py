"""Tools and policies as they are kept, read and asked."""

from __future__ import annotations

from collections.abc import Sequence

from tillhand_approvals.adapters.policy_documents import BUILT_IN, kept_policies, kept_tool
from tillhand_approvals.domain.policies import Facts, Verdict, verdict
from tillhand_approvals.domain.proposals import Json, Risk
from tillhand_approvals.domain.tools import Fault
from tillhand_approvals.ports.judging import Call
from tillhand_approvals.ports.ledger import Kept


class DocumentJudge:
    """Judges by the documents that were kept."""

    def faults(self, tool: Kept, arguments: Json) -> Sequence[Fault]:
        """What is wrong with the arguments, by the tool's schema."""
        return kept_tool(tool.body).faults(arguments)

    def risk(self, tool: Kept) -> Risk:
        """The risk that the tool's executor gave it."""
        return kept_tool(tool.body).risk

    def subject(self, tool: Kept, arguments: Json) -> str | None:
        """Whom the call concerns, as it came."""
        return kept_tool(tool.body).subject_of(arguments)

    def verdict(self, policies: Kept | None, call: Call) -> Verdict:
        """What the policies in force say; without any, those that come with the service."""
        document = BUILT_IN if policies is None else kept_policies(policies.body)
        version, author = (0, "tillhand") if policies is None else (policies.version, policies.author)
        return verdict(document, facts_of(call), version, author)


def facts_of(call: Call) -> Facts:
    """What policies are asked about a call."""
    tool = kept_tool(call.tool.body)
    return Facts(
        tool=tool.name,
        writes=tool.writes,
        risk=call.risk,
        requester=call.requester.id,
        kind=call.requester.kind,
        arguments=call.arguments,
        amount=tool.amount_of(call.arguments),
        time=call.time,
    )
