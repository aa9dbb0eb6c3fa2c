"""Google's credentials: a service account's key, or a person's leave, as the file that Google gives.

The grants are those of https://developers.google.com/identity/protocols/oauth2/service-account and RFC 6749, 6.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import jwt
from pydantic import AfterValidator, BaseModel, Field, SecretStr, TypeAdapter, ValidationError

from tillhand_common.clock import Clock
from tillhand_common.errors import UpstreamRejected, UpstreamThrottled
from tillhand_common.http import UpstreamClient, UpstreamMetrics
from tillhand_mcp.adapters.upstreams.tokens import Token, granted
from tillhand_mcp.errors import ConnectorUnavailable

TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
LIFETIME_S: Final = 3600
READ_ANALYTICS: Final = "https://www.googleapis.com/auth/analytics.readonly"
READ_SEARCH: Final = "https://www.googleapis.com/auth/webmasters.readonly"
_JWT_BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ALGORITHM: Final = "RS256"
_CODE: Final = re.compile(r"[a-z_]{1,40}")


def _signs(key: SecretStr) -> SecretStr:
    """The key, if one can sign with it: found out when it is read, and not at the first call."""
    try:
        jwt.get_algorithm_by_name(_ALGORITHM).prepare_key(key.get_secret_value())
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ValueError("no private key") from None
    return key


class ServiceAccount(BaseModel):
    """The key of a service account."""

    type: Literal["service_account"]
    client_email: str
    private_key: Annotated[SecretStr, AfterValidator(_signs)]
    private_key_id: str = ""
    token_uri: str = TOKEN_URI


class AuthorizedUser(BaseModel):
    """What a person has granted to a client of theirs."""

    type: Literal["authorized_user"]
    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    token_uri: str = TOKEN_URI


Credentials = Annotated[ServiceAccount | AuthorizedUser, Field(discriminator="type")]
_READER: Final[TypeAdapter[ServiceAccount | AuthorizedUser]] = TypeAdapter(Credentials)


def read_credentials(path: Path) -> ServiceAccount | AuthorizedUser:
    """What the file holds. Raises `ValueError` that says what is wrong, and nothing of what is in it."""
    try:
        return _READER.validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path} cannot be read ({error.strerror})") from error
    except ValidationError as error:
        fields = ", ".join(sorted({_place(each["type"], each["loc"]) for each in error.errors()}))
        raise ValueError(f"{path} is no service account's key and no authorized user's file: see {fields}") from None


def grant(
    credentials: ServiceAccount | AuthorizedUser, scope: str, clock: Clock, metrics: UpstreamMetrics | None = None
) -> tuple[UpstreamClient, Callable[[], Awaitable[Token]]]:
    """A client for Google's token endpoint, and how a token is got there."""
    parts = urlsplit(credentials.token_uri)
    client = UpstreamClient("google-tokens", f"{parts.scheme}://{parts.netloc}", metrics=metrics)

    async def renew() -> Token:
        # A token more or less changes nothing: asking again is harmless.
        form = _form(credentials, scope, clock)
        try:
            answer = await client.request("POST", parts.path or "/", data=form, idempotency_key="token", timeout_s=10.0)
        except UpstreamThrottled:
            raise
        except UpstreamRejected as error:
            raise ConnectorUnavailable(
                f"Google refuses the credentials ({_code(error)}): is the file still good, and the clock right?"
            ) from error
        return granted(answer, LIFETIME_S)

    return client, renew


def _place(kind: str, loc: tuple[int | str, ...]) -> str:
    return "type" if kind.startswith("union_tag") else ".".join(map(str, loc)) or "the file"


def _code(error: UpstreamRejected) -> str:
    """OAuth's own word for it (RFC 6749, 5.2); of what else is said nothing is told."""
    try:
        code = str(json.loads(error.body)["error"])
    except (ValueError, KeyError, TypeError):
        code = ""
    return code if _CODE.fullmatch(code) else f"status {error.upstream_status}"


def _form(credentials: ServiceAccount | AuthorizedUser, scope: str, clock: Clock) -> dict[str, str]:
    if isinstance(credentials, AuthorizedUser):
        return {
            "grant_type": "refresh_token",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret.get_secret_value(),
            "refresh_token": credentials.refresh_token.get_secret_value(),
        }
    now = int(clock.now().timestamp())
    claims = {
        "iss": credentials.client_email,
        "scope": scope,
        "aud": credentials.token_uri,
        "iat": now,
        "exp": now + LIFETIME_S,
    }
    headers = {"kid": credentials.private_key_id} if credentials.private_key_id else None
    signed = jwt.encode(claims, credentials.private_key.get_secret_value(), algorithm=_ALGORITHM, headers=headers)
    return {"grant_type": _JWT_BEARER, "assertion": signed}
