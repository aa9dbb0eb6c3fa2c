"""The life of a proposal: whatever people, executors and time do, it takes the ways that there are, and runs once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tillhand_approvals.domain import deciding, executing
from tillhand_approvals.domain.actors import Actor, Delegation
from tillhand_approvals.domain.deciding import Decider, Edit, Rules
from tillhand_approvals.domain.happenings import Change
from tillhand_approvals.domain.lifecycle import STATES, TRANSITIONS, State, leads
from tillhand_approvals.domain.proposals import Proposal, Requirement
from tillhand_approvals.errors import AlreadyVoted, NotEligible, ProposalExpired, SelfApproval
from tillhand_common.problems import Problem

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RULES = Rules(undo=timedelta(seconds=10), execute_within=timedelta(hours=1))
WANTED = Requirement(2, frozenset({"manager"}), "r", 1, "key:1", escalate_after=timedelta(hours=1), escalate_to="owner")
PEOPLE = [Actor(f"p{n}", "person", frozenset({"manager"} if n < 3 else {"owner"})) for n in range(4)]
TTL = timedelta(seconds=60)


def proposal(**fields: object) -> Proposal:
    made = Proposal(
        id="1" * 32,
        tenant="shop",
        tool="stock_set",
        tool_version="1",
        executor="mcp",
        arguments={"count": 1},
        digest="a" * 64,
        proposed_digest="a" * 64,
        risk="medium",
        requester=Actor("agent:1", "agent"),
        requirement=WANTED,
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW + timedelta(hours=4),
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # fields of a proposal


def test_every_state_has_its_ways_and_the_final_ones_none() -> None:
    assert set(TRANSITIONS) == set(STATES)
    assert [state for state in STATES if not TRANSITIONS[state]] == ["expired", "cancelled", "executed", "failed"]


def test_nobody_approves_what_they_proposed_themselves_or_for_whom_it_was_proposed() -> None:
    for fields in ({"requester": PEOPLE[0]}, {"on_behalf_of": "p0"}):
        with pytest.raises(SelfApproval):
            deciding.approve(proposal(**fields), Decider(PEOPLE[0], NOW), "a" * 64, RULES)


def test_nobody_votes_in_the_place_of_who_proposed_it() -> None:
    lent = Delegation("d", "boss", "helper", frozenset({"manager"}), NOW, NOW + timedelta(hours=1))
    helper = Decider(Actor("helper", "person"), NOW, (lent,))
    assert deciding.approve(proposal(), helper, "a" * 64, RULES).proposal.votes[0].giver == "boss"
    with pytest.raises(NotEligible):
        deciding.approve(proposal(on_behalf_of="boss"), helper, "a" * 64, RULES)
    with pytest.raises(NotEligible):
        deciding.approve(proposal(), replace(helper, now=NOW + timedelta(hours=1)), "a" * 64, RULES)


def test_a_timeout_is_nobodys_rejection() -> None:
    late = NOW + timedelta(hours=4)
    with pytest.raises(ProposalExpired):
        deciding.approve(proposal(), Decider(PEOPLE[0], late), "a" * 64, RULES)
    change = executing.pass_time(proposal(), late)
    assert change is not None
    assert (change.proposal.state, change.proposal.decision) == ("expired", None)


def test_undoing_an_edit_brings_back_what_was_proposed_and_who_had_approved_it() -> None:
    voted = deciding.approve(proposal(), Decider(PEOPLE[0], NOW), "a" * 64, RULES).proposal
    one = replace(WANTED, approvals=1)
    edited = Edit({"count": 2}, "b" * 64, "high", one, ({"op": "replace", "path": "/count", "value": 2},))
    decided = deciding.edit(voted, Decider(PEOPLE[1], NOW), "a" * 64, edited, RULES).proposal
    assert (decided.state, decided.edited, len(decided.votes)) == ("approved", True, 1)
    undone = deciding.undo(decided, Decider(PEOPLE[1], NOW)).proposal
    assert replace(undone, revision=1, updated_at=NOW) == replace(voted, revision=1)


def test_an_edit_that_raises_the_risk_wants_a_new_quorum() -> None:
    voted = deciding.approve(proposal(), Decider(PEOPLE[0], NOW), "a" * 64, RULES).proposal
    edited = Edit({"count": 2}, "b" * 64, "critical", replace(WANTED, approvals=3), ())
    change = deciding.edit(voted, Decider(PEOPLE[1], NOW), "a" * 64, edited, RULES)
    assert (change.proposal.state, [vote.actor for vote in change.proposal.votes]) == ("pending", ["p1"])
    with pytest.raises(AlreadyVoted):
        deciding.approve(change.proposal, Decider(PEOPLE[1], NOW), "b" * 64, RULES)


class Life(RuleBasedStateMachine):
    """Anybody does anything at any time; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.proposal = proposal()
        self.way: list[State] = ["pending"]
        self.tokens: list[int] = []
        self.ended = 0

    def do(self, step: Callable[[], Change | None]) -> bool:
        before = self.proposal
        try:
            change = step()
        except Problem:
            assert self.proposal == before
            return False
        if change is None or not change.happenings:
            return False
        self.proposal = change.proposal
        assert self.proposal.revision == before.revision + 1
        if self.proposal.state != before.state:
            assert leads(before.state, self.proposal.state)
            self.way.append(self.proposal.state)
        return True

    @rule(who=st.sampled_from(PEOPLE), digest=st.sampled_from(["a" * 64, "b" * 64]))
    def approve(self, who: Actor, digest: str) -> None:
        decided = self.do(lambda: deciding.approve(self.proposal, Decider(who, self.now), digest, RULES))
        assert not decided or digest == self.proposal.digest

    @rule(who=st.sampled_from(PEOPLE), approvals=st.integers(1, 3))
    def edit(self, who: Actor, approvals: int) -> None:
        edited = Edit({"count": 2}, "b" * 64, "high", replace(WANTED, approvals=approvals), ())
        digest = self.proposal.digest
        self.do(lambda: deciding.edit(self.proposal, Decider(who, self.now), digest, edited, RULES))

    @rule(who=st.sampled_from(PEOPLE))
    def reject(self, who: Actor) -> None:
        self.do(lambda: deciding.reject(self.proposal, Decider(who, self.now), RULES))

    @rule(who=st.sampled_from(PEOPLE))
    def revise(self, who: Actor) -> None:
        self.do(lambda: deciding.revise(self.proposal, Decider(who, self.now), RULES))

    @rule(who=st.sampled_from(PEOPLE))
    def escalate(self, who: Actor) -> None:
        self.do(lambda: deciding.escalate(self.proposal, Decider(who, self.now), "owner"))

    @rule(who=st.sampled_from(PEOPLE))
    def undo(self, who: Actor) -> None:
        self.do(lambda: deciding.undo(self.proposal, Decider(who, self.now)))

    @rule()
    def cancel(self) -> None:
        self.do(lambda: deciding.cancel(self.proposal, self.proposal.requester, self.now, ""))

    @rule(who=st.sampled_from(PEOPLE), status=st.sampled_from(["executed", "failed"]))
    def settle(self, who: Actor, status: str) -> None:
        self.do(lambda: deciding.settle(self.proposal, Decider(who, self.now), status))  # type: ignore[arg-type]  # two of its literals

    @rule()
    def lease(self) -> None:
        token = len(self.tokens) + 1
        released = executing.is_released(self.proposal, self.now)
        if self.do(lambda: executing.lease(self.proposal, "mcp", token, self.now, TTL)):
            assert released
            self.tokens.append(token)

    @precondition(lambda self: self.tokens)
    @rule(status=st.sampled_from(["executed", "failed", "outcome_unknown"]), off=st.integers(0, 1))
    def report(self, status: str, off: int) -> None:
        token = self.tokens[-1] + off
        if self.do(lambda: executing.report(self.proposal, token, self.now, status, {})):  # type: ignore[arg-type]  # its literals
            assert off == 0
            self.ended += 1

    @rule(seconds=st.sampled_from([1, 9, 11, 61, 3_600, 4 * 3_600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        while self.do(lambda: executing.pass_time(self.proposal, self.now)):
            pass

    @invariant()
    def it_is_run_once_and_only_what_enough_people_approved(self) -> None:
        assert len(self.tokens) <= 1
        assert self.ended <= 1
        if self.proposal.state in {"approved", "executing", "executed", "failed", "outcome_unknown"}:
            votes = [vote for vote in self.proposal.votes if vote.digest == self.proposal.digest]
            assert len({vote.actor for vote in votes}) == len(votes) >= self.proposal.requirement.approvals

    @invariant()
    def what_has_ended_stays_as_it_is(self) -> None:
        final = [state for state in self.way if not TRANSITIONS[state]]
        assert len(final) <= 1
        assert not final or self.way[-1] == final[0]


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
