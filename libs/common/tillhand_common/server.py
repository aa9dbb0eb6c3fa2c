"""Running a service: settings in, one process, and a way out that drops nothing."""

import asyncio
import contextlib
import gc
import math
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Final, NoReturn

import structlog
import uvicorn
from fastapi import FastAPI

from tillhand_common import logs
from tillhand_common.app import Chassis
from tillhand_common.lifecycle import Drain, StartupError
from tillhand_common.protocol import HttpProtocol
from tillhand_common.settings import CommonSettings, SettingsError, SettingsT, load

EXIT_UNAVAILABLE: Final = 69  # sysexits.h: something the service needs cannot be had
EXIT_CONFIG: Final = 78  # sysexits.h: the configuration is wrong
THREADS_S: Final = 1.0  # for threads to notice the end, whatever is left of the drain timeout
KEEP_ALIVE_S: Final = 65  # above the minute after which common proxies close, so that they never meet a closing peer
COLLECTOR_THRESHOLDS: Final = (10_000, 20, 20)  # a request allocates hundreds of objects, nearly all without cycles

_log: Final = structlog.get_logger(__name__)


def serve(create_app: Callable[[SettingsT], FastAPI], settings: SettingsT | type[SettingsT]) -> None:
    """Run a service until SIGTERM or SIGINT, then drain and return; the process is expected to end then.

    Threads that go on working when the drain timeout has passed, and a second more, are cut off with the process.
    Settings given as a class are read from the environment. What keeps the service from starting is one readable line
    on standard error and exit code 78 (configuration) or 69 (something missing or taken).
    """
    try:
        loaded = load(settings) if isinstance(settings, type) else settings
        app = create_app(loaded)
        _run(app, loaded)
    except SettingsError as error:
        _refuse(str(error), EXIT_CONFIG)
    except StartupError as error:
        _refuse(str(error), EXIT_UNAVAILABLE)


def _run(app: FastAPI, settings: CommonSettings) -> None:
    chassis: Chassis = app.state.chassis
    logs.configure(chassis.spec.name, settings.log_level, settings.log_format)
    listener = bind(settings.host, settings.port)
    server = DrainingServer(app, settings)
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(_until_told(server, app, listener))
        _leave_within(server.time_left_s())


class DrainingServer(uvicorn.Server):
    """uvicorn with our drain: the listener stays for `drain_delay_s` after the signal, and leaving is no failure."""

    def __init__(self, app: FastAPI, settings: CommonSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=HttpProtocol,
                ws="none",
                lifespan="off",  # ours is entered around the server, so that its errors come out as they are
                log_config=None,
                access_log=False,
                proxy_headers=False,  # an address that a header claims would pass the loopback rule
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=math.ceil(settings.drain_timeout_s),
            )
        )
        self._drain: Drain = app.state.chassis.drain
        self._delay_s = settings.drain_delay_s
        self._timeout_s = settings.drain_timeout_s
        self._closed_at: float | None = None

    def time_left_s(self) -> float:
        """Return how much of the drain timeout is left; nothing of it unless the drain has begun."""
        return 0.0 if self._closed_at is None else max(0.0, self._closed_at + self._timeout_s - time.monotonic())

    def leave(self) -> None:
        """Begin the drain; a second call skips the delay."""
        if self._drain.draining:
            self._close_listener()
            return
        self._drain.begin()
        _log.info("draining", delay_s=self._delay_s, in_flight=self._drain.in_flight)
        asyncio.get_running_loop().call_later(self._delay_s, self._close_listener)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so once it is true."""
        await super().startup(sockets)
        for listener in sockets or ():
            host, port = listener.getsockname()[:2]
            _log.info("listening", host=host, port=port)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listener, let requests in flight finish, and cut those that outlast the drain timeout."""
        self._drain.close()
        self._closed_at = time.monotonic()
        await super().shutdown(sockets)
        _log.info("drained", in_flight=self._drain.in_flight)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `_until_told`; uvicorn would raise them again at the end and fail the exit code."""
        yield

    def _close_listener(self) -> None:
        self.should_exit = True


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to the address and not yet listening, so that nobody connects before the service is up.

    Raises StartupError when the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise StartupError(
            f"cannot listen on {host} port {port}: {reason} (TILLHAND_HOST and TILLHAND_PORT choose another address)"
        ) from None
    listener.setblocking(False)
    return listener


async def _until_told(server: DrainingServer, app: FastAPI, listener: socket.socket) -> None:
    main = asyncio.current_task()

    def told() -> None:
        if server.started:
            server.leave()
        elif main is not None:
            main.cancel()  # nothing to drain: stop starting

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    try:
        async with AsyncExitStack() as stack:
            await _open(app, stack)
            _tune_collector()
            await server.serve([listener])
    except asyncio.CancelledError:
        _log.info("stopped_while_starting")
    finally:
        listener.close()


async def _open(app: FastAPI, stack: AsyncExitStack) -> None:
    try:
        await stack.enter_async_context(app.router.lifespan_context(app))
    except OSError as error:
        _log.debug("start_failed", exc_info=error)
        reason = (error.strerror or type(error).__name__).lower()
        raise StartupError(f"cannot start: {reason}{f' ({error.filename})' if error.filename else ''}") from error


def _tune_collector() -> None:
    # What was loaded to start with lives as long as the process: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTOR_THRESHOLDS)


def _leave_within(seconds: float) -> None:
    # Python joins all threads at its end, however long they take: closing the loop and the interpreter both would wait.
    def cut() -> None:
        left = [each.name for each in threading.enumerate() if not each.daemon and each is not threading.main_thread()]
        try:
            _log.warning("cut", reason="drain timeout", threads=left)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(0)  # what they write survives a kill at any moment, as it must

    timer = threading.Timer(seconds + THREADS_S, cut)
    timer.daemon = True
    timer.start()


def _refuse(reason: str, code: int) -> NoReturn:
    sys.stderr.write(f"tillhand: {reason}\n")
    raise SystemExit(code)
