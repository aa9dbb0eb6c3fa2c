"""A route named as `POST /v1/proposals/{id}/decisions`, recognised before the router has seen the request."""

from starlette.routing import compile_path
from starlette.types import Scope


class RoutePattern:
    """A method and a path template."""

    def __init__(self, route: str) -> None:
        self.method, self.path = route.split(" ", 1)
        self._pattern, _, _ = compile_path(self.path)

    def matches(self, scope: Scope) -> bool:
        """Whether a request is for this route."""
        return bool(scope["method"] == self.method and self._pattern.match(scope["path"]))
