"""Where `Tillhand-Actor` is judged: before any route, so that no service can ignore it.

A header that was not judged would be one that was ignored, and then done in one name what was asked in another. So it
is refused from a caller without `act_as` and by a service that takes no actors; and where it is taken it has to be
valid on every route, also on those that act for the key alone.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from tillhand_common import context
from tillhand_common.actor import HEADER, Actor, ActorKeys, ActorVerifier, InvalidActor
from tillhand_common.lifecycle import PROBE_PATHS
from tillhand_common.problems import Forbidden, Unauthorized

_HEADER: Final = HEADER.encode("ascii")


class ActorGate:
    """Find out in whose name a request acts and put that into its context, or refuse it.

    A service that takes actors says so in its spec, or sets `app.state.actors` to a verifier. Probes are for everybody
    and act for nobody. Raises Unauthorized without a key, Forbidden and InvalidActor.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in the name of its actor, if it has one."""
        if scope["type"] == "http" and scope["path"] not in PROBE_PATHS:
            tokens = [value for name, value in scope["headers"] if name == _HEADER]
            if tokens:
                context.set_actor(_actor(tokens, getattr(scope["app"].state, "actors", None)))
        await self._app(scope, receive, send)


def _actor(tokens: list[bytes], verifier: ActorVerifier | ActorKeys | None) -> Actor:
    caller = context.principal()
    if caller is None or caller.kind == "anonymous":
        raise Unauthorized("This needs a key. Send it as a bearer token.")
    if "act_as" not in caller.scopes:
        raise Forbidden("The key lacks the scope act_as.", extensions={"missing_scopes": ["act_as"]})
    if verifier is None:
        raise Forbidden("This service takes no actor tokens.")
    if len(tokens) > 1:
        raise InvalidActor
    actor = verifier.verify(tokens[0].decode("latin-1"), caller.key_id)
    if actor.tenant != caller.tenant:
        raise Forbidden("The actor belongs to another tenant than the key.")
    return actor
