"""JSON logs on standard output, one line per event, without secrets.

Everything goes through structlog: our own events, what libraries log through `logging` (uvicorn among them), and one
access line per request. Each line carries the id, trace and tenant of the request that it was written for.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final, Literal, cast

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from tillhand_common import context
from tillhand_common.clock import rfc3339

REDACTED: Final = "[redacted]"
_SECRET_NAME: Final = re.compile(
    r"authorization|cookie|passw(?:or)?d|passphrase|secret|credential|api[-_]?key|private[-_]?key|(?:^|[-_])token$",
    re.IGNORECASE,
)
_SECRET_VALUE: Final = re.compile(
    r"th_(?:agent|service|operator)_[A-Za-z0-9_-]+"  # our own keys
    r"|\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"  # signed tokens
    r"|\b(?:sk|pk|ghp|xox[a-z]|shpat|shpss)[-_][A-Za-z0-9_-]{10,}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in an address
)
_QUIET_LIBRARIES: Final = ("httpx", "httpcore", "asyncio", "chromadb", "urllib3", "sse_starlette")
_DEPTH_LIMIT: Final = 6
_OURS: Final = frozenset({"time", "service", "level", "request_id", "trace_id", "tenant", "key", "route", "method"})
"""What the chassis itself writes: ids that might look like something else."""
_GUARDS: Final[list[Callable[[str], str]]] = []

Level = Literal["debug", "info", "warning", "error"]
Form = Literal["json", "console"]

LEVELS: Final[Mapping[Level, int]] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(service: str, level: Level = "info", fmt: Form = "json") -> None:
    """Send all logs of this process to standard output in one form, those of libraries too. Call it once, at start."""
    configure_events(service, level, fmt, cached=True)
    threshold = LEVELS[level]
    handler = logging.StreamHandler(_TextOver(STDOUT))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_facts(service)],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _drop_colour,
                *_renderers(fmt),
                _to_text,
            ],
        )
    )
    _take_over_logging(handler, threshold)


def configure_events(service: str, level: Level = "info", fmt: Form = "json", *, cached: bool = False) -> None:
    """Give our own events their form, and leave the standard library's logging alone.

    `cached` makes each logger keep the form that it first wrote in: faster, and deaf to a test's changes.
    """
    structlog.configure(
        processors=[*_facts(service), *_renderers(fmt)],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(cast("BinaryIO", STDOUT)),
        cache_logger_on_first_use=cached,
    )


@contextmanager
def guarded(guard: Callable[[str], str]) -> Iterator[None]:
    """Pass every text that is logged through `guard` as well, such as a redactor. It must not log, and be quick."""
    _GUARDS.append(guard)
    try:
        yield
    finally:
        _GUARDS.remove(guard)


def scrub(value: object, depth: int = 0) -> object:
    """Return `value` with everything that looks like a secret replaced, by its name or by its form."""
    if isinstance(value, str):
        text = _SECRET_VALUE.sub(REDACTED, value)
        for guard in _GUARDS:
            text = guard(text)
        return text
    if depth >= _DEPTH_LIMIT:
        return REDACTED
    if isinstance(value, Mapping):
        return {
            key: REDACTED
            if isinstance(key, str) and _names_a_secret(key, item)
            else item
            if depth == 0 and key in _OURS
            else scrub(item, depth + 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [scrub(item, depth + 1) for item in value]
    return value


def to_json(value: object) -> bytes:
    """Encode a log line; what JSON does not know is written as its text."""
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)


class _Stdout:
    """Standard output as it is at the moment of writing: a test may have put another one in its place."""

    def write(self, line: bytes) -> None:
        sys.stdout.buffer.write(line)

    def flush(self) -> None:
        sys.stdout.buffer.flush()


STDOUT: Final = _Stdout()


class _TextOver:
    """The little of a text stream that `logging` needs, over a binary one."""

    def __init__(self, raw: _Stdout) -> None:
        self._raw = raw

    def write(self, text: str) -> None:
        self._raw.write(text.encode())

    def flush(self) -> None:
        self._raw.flush()


def _facts(service: str) -> list[Processor]:
    return [
        _request_facts,
        structlog.stdlib.add_log_level,
        _stamp(service),
        structlog.processors.StackInfoRenderer(),
    ]


def _names_a_secret(key: str, value: object) -> bool:
    return isinstance(value, str | bytes) and _SECRET_NAME.search(key) is not None


def _request_facts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    info = context.current()
    if info is not None:
        event.setdefault("request_id", info.request_id)
        event.setdefault("trace_id", info.trace.trace_id)
        if info.principal is not None:
            event.setdefault("tenant", info.principal.tenant)
    return event


def _stamp(service: str) -> Processor:
    def stamp(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"time": rfc3339(datetime.now(UTC)), "service": service, **event}

    return stamp


def _scrubbed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return cast("MutableMapping[str, Any]", scrub(event))


def _drop_colour(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)
    return event


def _renderers(fmt: str) -> list[Processor]:
    traceback = structlog.processors.format_exc_info
    if fmt == "console":
        console = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        return [traceback, _scrubbed, lambda logger, method, event: f"{console(logger, method, event)}".encode()]
    return [traceback, _scrubbed, lambda _logger, _method, event: to_json(event)]


def _to_text(_logger: WrappedLogger, _method: str, line: Any) -> str:  # noqa: ANN401  # structlog passes its own result on
    return cast("bytes", line).decode()


def _take_over_logging(handler: logging.Handler, threshold: int) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(threshold)
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = name != "uvicorn.access"  # the access line is ours
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
