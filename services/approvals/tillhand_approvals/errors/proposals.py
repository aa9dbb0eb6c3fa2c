"""What may not be done to a proposal, and why."""

from __future__ import annotations

from tillhand_common.problems import Problem, Unavailable


class ProposalNotFound(Problem):
    """No such proposal, or none that the key may see."""

    status = 404
    slug = "proposal-not-found"
    title = "Proposal not found"


class AlreadyDecided(Problem):
    """The proposal has left the state that this needs; `decision` says who decided what, and when."""

    status = 409
    slug = "already-decided"
    title = "The proposal has been decided already"


class WrongState(Problem):
    """The proposal is in a state from which this does not lead on."""

    status = 409
    slug = "wrong-state"
    title = "The proposal's state does not allow this"


class ProposalChanged(Problem):
    """The arguments are no longer those that were looked at: their digest is another one. Nothing was decided."""

    status = 412
    slug = "proposal-changed"
    title = "The proposal has other arguments by now"


class SelfApproval(Problem):
    """Whoever proposed something, or for whom it was proposed, cannot be the one to approve it."""

    status = 403
    slug = "self-approval"
    title = "Nobody approves a proposal of their own"


class NotEligible(Problem):
    """The person has none of the roles that the policy asks for, themselves or by delegation."""

    status = 403
    slug = "not-eligible"
    title = "Another role is needed to decide this"


class AlreadyVoted(Problem):
    """This person has approved these arguments already; a quorum needs different people."""

    status = 409
    slug = "already-voted"
    title = "This person has approved already"


class TooLateToUndo(Problem):
    """The window in which a decision can be taken back is over, or an executor has begun."""

    status = 409
    slug = "too-late-to-undo"
    title = "The decision can no longer be taken back"


class NotReleased(Problem):
    """Approved, but its decision can still be taken back; `Retry-After` says for how long."""

    status = 409
    slug = "not-released"
    title = "The approval is not released for execution yet"


class ProposalExpired(Problem):
    """The time for this is over; a timeout is nobody's rejection."""

    status = 409
    slug = "proposal-expired"
    title = "The proposal has expired"


class ExecutionStopped(Problem):
    """The kill switch stands: nothing is executed until a person turns it off."""

    status = 409
    slug = "execution-stopped"
    title = "All execution is stopped"


class LeaseLost(Problem):
    """The fencing token is not the one of the lease that stands; what was reported is noted and changes nothing."""

    status = 409
    slug = "lease-lost"
    title = "The lease is no longer held"


class StoreUnavailable(Unavailable):
    """The database cannot be reached, or took too long; nothing was changed."""

    slug = "store-unavailable"
    title = "The store cannot answer"
