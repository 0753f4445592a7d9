"""Calls of gRPC: channels that survive a fork, deadlines, retries, cancellation."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import grpc
import grpc.aio
from google.protobuf.message import Message

from ctxfit import _engine
from ctxfit._errors import (
    CtxfitError,
    DeadlineExceededError,
    InternalError,
    ResourceExhaustedError,
    UnavailableError,
    from_rpc,
)
from ctxfit.v1.fitting_service_pb2 import Progress, StreamBacktestResponse, StreamFitResponse

Response = TypeVar("Response", bound=Message)

_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1),  # or a process that was forked takes up its parent's connection
]


@dataclass(frozen=True)
class Method(Generic[Response]):
    """An rpc."""

    path: str
    response: Callable[[bytes], Response]


StreamEvent = TypeVar("StreamEvent", StreamFitResponse, StreamBacktestResponse)

STREAM_FIT = Method("/ctxfit.v1.FittingService/StreamFit", StreamFitResponse.FromString)
STREAM_BACKTEST = Method("/ctxfit.v1.FittingService/StreamBacktest", StreamBacktestResponse.FromString)


@dataclass(frozen=True)
class Retry:
    """How often and after which pause a call is repeated.

    Repeated are UNAVAILABLE, and RESOURCE_EXHAUSTED where the server says when to come back. Every rpc may be run
    twice: it changes nothing, and answers the same. No pause goes past the call's `timeout`.

    Attributes:
        attempts: Number of calls in all, >= 1.
        pause_s: Longest first pause, in seconds; it doubles with each attempt. A pause is drawn evenly from half of
            the longest one to all of it.
        max_pause_s: Longest pause, in seconds. A server that asks for more gets it.
    """

    attempts: int = 5
    pause_s: float = 0.1
    max_pause_s: float = 5

    def pause(self, error: CtxfitError, attempt: int, deadline: float | None) -> float | None:
        """Seconds until the call is repeated; None if it is not.

        Args:
            error: What the call ended with.
            attempt: Number of calls so far, >= 1.
            deadline: Time of `time.monotonic()` by which the whole call must be done; None for none.
        """
        asked = error.retry_delay
        is_passing = isinstance(error, UnavailableError) or (
            isinstance(error, ResourceExhaustedError) and asked is not None
        )
        if not is_passing or attempt >= self.attempts:
            return None
        longest = min(self.max_pause_s, self.pause_s * 2 ** (attempt - 1))
        pause = longest * random.uniform(0.5, 1) + (asked or 0)
        return None if deadline is not None and time.monotonic() + pause >= deadline else pause


class _Target:
    """The address of a service; without one, this process's own server."""

    def __init__(self, address: str | None) -> None:
        self._chosen = address

    @property
    def last(self) -> str:
        return self._chosen or "this process's own ctxfitd"

    def resolve(self) -> str:
        return self._chosen or _engine.address()


def _deadline(timeout: float | None) -> float | None:
    return None if timeout is None else time.monotonic() + timeout


def _remaining(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())


def _to_error(error: grpc.RpcError, target: _Target, columns: dict[str, str], timeout: float | None) -> CtxfitError:
    made = from_rpc(error, target.last, columns)
    if isinstance(made, DeadlineExceededError) and timeout is not None:
        return DeadlineExceededError(f"no answer within the {timeout:g} s of timeout: allow more time")
    return made


class Connection:
    """Calls that block. Safe to share between threads."""

    def __init__(self, address: str | None, credentials: grpc.ChannelCredentials | None, retry: Retry) -> None:
        """Opens nothing yet: a channel is made by the first call, and again after a fork."""
        self._target = _Target(address)
        self._credentials = credentials
        self._retry = retry
        self._lock = threading.Lock()
        self._made_for: tuple[int, str] | None = None
        self._channel: grpc.Channel | None = None
        self._of_parents: list[grpc.Channel] = []  # closing these in a forked process may hang

    def _open(self) -> grpc.Channel:
        address = self._target.resolve()
        if self._made_for is not None and self._made_for[0] != os.getpid():
            self._lock = threading.Lock()
        with self._lock:
            if self._channel is None or self._made_for != (os.getpid(), address):
                if self._channel is not None:
                    self._of_parents.append(self._channel)
                self._made_for = (os.getpid(), address)
                self._channel = (
                    grpc.insecure_channel(address, options=_OPTIONS)
                    if self._credentials is None
                    else grpc.secure_channel(address, self._credentials, options=_OPTIONS)
                )
            return self._channel

    def close(self) -> None:
        """Closes the channel."""
        with self._lock:
            if self._channel is not None and self._made_for is not None and self._made_for[0] == os.getpid():
                self._channel.close()
            self._channel = self._made_for = None

    def _repeat(
        self, call: Callable[[grpc.Channel, float | None], Any], timeout: float | None, columns: dict[str, str]
    ) -> Any:
        deadline = _deadline(timeout)
        attempt = 0
        while True:
            attempt += 1
            try:
                return call(self._open(), _remaining(deadline))
            except grpc.RpcError as rpc_error:
                error = _to_error(rpc_error, self._target, columns, timeout)
            pause = self._retry.pause(error, attempt, deadline)
            if pause is None:
                raise error
            time.sleep(pause)

    def call(
        self,
        method: Method[Response],
        request: Message,
        timeout: float | None,
        columns: dict[str, str] | None = None,
    ) -> Response:
        """Calls an rpc and waits. Whatever ends the wait early, such as Ctrl-C, cancels it on the server."""

        def once(channel: grpc.Channel, remaining: float | None) -> Any:
            stub = channel.unary_unary(
                method.path, request_serializer=_serialize, response_deserializer=method.response
            )
            running = stub.future(request, timeout=remaining)
            try:
                return running.result()
            finally:
                running.cancel()

        answer: Response = self._repeat(once, timeout, columns or {})
        return answer

    def stream(
        self,
        method: Method[StreamEvent],
        request: Message,
        timeout: float | None,
        columns: dict[str, str],
        on_progress: Callable[[Progress], None],
    ) -> StreamEvent:
        """Calls an rpc that streams progress, and waits for its last message, the one with the result.

        Whatever ends the wait early cancels the call on the server.
        """

        def once(channel: grpc.Channel, remaining: float | None) -> Any:
            stub = channel.unary_stream(
                method.path, request_serializer=_serialize, response_deserializer=method.response
            )
            running = stub(request, timeout=remaining)
            last: StreamEvent | None = None
            try:
                for event in running:
                    if event.HasField("progress"):
                        on_progress(event.progress)
                    last = event
            finally:
                running.cancel()
            if last is None or not last.HasField("result"):
                raise InternalError(f"{method.path}: the stream ended without a result")
            return last

        answer: StreamEvent = self._repeat(once, timeout, columns)
        return answer


class AsyncConnection:
    """The same calls as coroutines, of one event loop at a time."""

    def __init__(self, address: str | None, credentials: grpc.ChannelCredentials | None, retry: Retry) -> None:
        """Opens nothing yet: a channel is made by the first call, and again after a fork or in another event loop."""
        self._target = _Target(address)
        self._credentials = credentials
        self._retry = retry
        self._made_for: tuple[int, str, asyncio.AbstractEventLoop] | None = None
        self._channel: grpc.aio.Channel | None = None
        self._of_others: list[grpc.aio.Channel] = []

    async def _open(self) -> grpc.aio.Channel:
        address = await asyncio.get_running_loop().run_in_executor(None, self._target.resolve)
        key = (os.getpid(), address, asyncio.get_running_loop())
        if self._channel is None or self._made_for != key:
            if self._channel is not None:
                self._of_others.append(self._channel)
            self._made_for = key
            self._channel = (
                grpc.aio.insecure_channel(address, options=_OPTIONS)
                if self._credentials is None
                else grpc.aio.secure_channel(address, self._credentials, options=_OPTIONS)
            )
        return self._channel

    async def close(self) -> None:
        """Closes the channel."""
        if self._channel is not None:
            await self._channel.close()
        self._channel = self._made_for = None

    async def _repeat(
        self, call: Callable[[grpc.aio.Channel, float | None], Any], timeout: float | None, columns: dict[str, str]
    ) -> Any:
        deadline = _deadline(timeout)
        attempt = 0
        while True:
            attempt += 1
            try:
                return await call(await self._open(), _remaining(deadline))
            except grpc.RpcError as rpc_error:
                error = _to_error(rpc_error, self._target, columns, timeout)
            pause = self._retry.pause(error, attempt, deadline)
            if pause is None:
                raise error
            await asyncio.sleep(pause)

    async def call(
        self,
        method: Method[Response],
        request: Message,
        timeout: float | None,
        columns: dict[str, str] | None = None,
    ) -> Response:
        """Calls an rpc. Cancelling the task cancels it on the server."""

        async def once(channel: grpc.aio.Channel, remaining: float | None) -> Any:
            stub = channel.unary_unary(
                method.path, request_serializer=_serialize, response_deserializer=method.response
            )
            return await stub(request, timeout=remaining)

        answer: Response = await self._repeat(once, timeout, columns or {})
        return answer

    async def stream(
        self,
        method: Method[StreamEvent],
        request: Message,
        timeout: float | None,
        columns: dict[str, str],
        on_progress: Callable[[Progress], None],
    ) -> StreamEvent:
        """Calls an rpc that streams progress: see `Connection.stream`. Cancelling the task cancels the call."""

        async def once(channel: grpc.aio.Channel, remaining: float | None) -> Any:
            stub = channel.unary_stream(
                method.path, request_serializer=_serialize, response_deserializer=method.response
            )
            running = stub(request, timeout=remaining)
            last: StreamEvent | None = None
            try:
                async for event in running:
                    if event.HasField("progress"):
                        on_progress(event.progress)
                    last = event
            finally:
                running.cancel()
            if last is None or not last.HasField("result"):
                raise InternalError(f"{method.path}: the stream ended without a result")
            return last

        answer: StreamEvent = await self._repeat(once, timeout, columns)
        return answer


def _serialize(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
