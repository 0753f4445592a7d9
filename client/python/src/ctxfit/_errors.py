"""Errors: one class per gRPC status code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import grpc


@dataclass(frozen=True)
class FieldViolation:
    """A field of a request that breaks a rule, as `google.rpc.BadRequest` names it."""

    field: str
    description: str


class CtxfitError(Exception):
    """An error of a call, or of the data that a call was given.

    Attributes:
        message: What is wrong; names field or column, row, value and rule where there are such.
        code: Status code of gRPC.
        retry_delay: Seconds to wait before the call may be repeated (`google.rpc.RetryInfo`); None if the server named
            none.
        violations: Fields that break a rule (`google.rpc.BadRequest`); empty if the server named none.
        reason: Reason in one word, as "QUEUE_FULL" (`google.rpc.ErrorInfo`; proto/README.md lists them); "" if the
            server named none.
    """

    code: grpc.StatusCode = grpc.StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        retry_delay: float | None = None,
        violations: tuple[FieldViolation, ...] = (),
        reason: str = "",
    ) -> None:
        """Makes the error."""
        super().__init__(message)
        self.message = message
        self.retry_delay = retry_delay
        self.violations = violations
        self.reason = reason


class CancelledError(CtxfitError):
    """The call was cancelled."""

    code = grpc.StatusCode.CANCELLED


class UnknownError(CtxfitError):
    """An error that no other class describes."""


class InvalidArgumentError(CtxfitError, ValueError):
    """The data or the options break a rule. Correct them.

    Attributes:
        column: Column of the caller's frame; None if the error is about none.
        row: Position of the row in the frame, counted from 0 (an index plays no part); None if it is about no row.
        value: The value as text; None if there is none.
        rule: The rule that it breaks; None if the server's text could not be taken apart.
    """

    code = grpc.StatusCode.INVALID_ARGUMENT

    def __init__(
        self,
        message: str,
        *,
        retry_delay: float | None = None,
        violations: tuple[FieldViolation, ...] = (),
        reason: str = "",
        column: str | None = None,
        row: int | None = None,
        value: str | None = None,
        rule: str | None = None,
    ) -> None:
        """Makes the error."""
        super().__init__(message, retry_delay=retry_delay, violations=violations, reason=reason)
        self.column = column
        self.row = row
        self.value = value
        self.rule = rule


class DeadlineExceededError(CtxfitError, TimeoutError):
    """No answer within `timeout`. Allow more time."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED


class NotFoundError(CtxfitError):
    """The server does not have what the call names."""

    code = grpc.StatusCode.NOT_FOUND


class AlreadyExistsError(CtxfitError):
    """The server has already what the call makes."""

    code = grpc.StatusCode.ALREADY_EXISTS


class PermissionDeniedError(CtxfitError):
    """The caller may not do this."""

    code = grpc.StatusCode.PERMISSION_DENIED


class ResourceExhaustedError(CtxfitError):
    """The server's queue is full, the request is too large, or memory is. Repeated where the server says when."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED


class FailedPreconditionError(CtxfitError):
    """The server does not have the requested backend. Request another one."""

    code = grpc.StatusCode.FAILED_PRECONDITION


class AbortedError(CtxfitError):
    """The call met another one."""

    code = grpc.StatusCode.ABORTED


class OutOfRangeError(CtxfitError):
    """The call went past a valid range."""

    code = grpc.StatusCode.OUT_OF_RANGE


class UnimplementedError(CtxfitError):
    """The server does not know this call: it is older, or no ctxfitd."""

    code = grpc.StatusCode.UNIMPLEMENTED


class InternalError(CtxfitError):
    """A mistake of the server, or a device that has failed. Report it with the request."""

    code = grpc.StatusCode.INTERNAL


class UnavailableError(CtxfitError, ConnectionError):
    """There is no server at the address, or it is shutting down. Repeated by the client a few times."""

    code = grpc.StatusCode.UNAVAILABLE


class DataLossError(CtxfitError):
    """Data is lost."""

    code = grpc.StatusCode.DATA_LOSS


class UnauthenticatedError(CtxfitError):
    """The caller has not shown who it is."""

    code = grpc.StatusCode.UNAUTHENTICATED


_CLASSES: dict[grpc.StatusCode, type[CtxfitError]] = {
    each.code: each
    for each in (
        CancelledError,
        UnknownError,
        InvalidArgumentError,
        DeadlineExceededError,
        NotFoundError,
        AlreadyExistsError,
        PermissionDeniedError,
        ResourceExhaustedError,
        FailedPreconditionError,
        AbortedError,
        OutOfRangeError,
        UnimplementedError,
        InternalError,
        UnavailableError,
        DataLossError,
        UnauthenticatedError,
    )
}


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """Splits a protobuf message into (number, value). Raises IndexError or ValueError if it is not one."""
    found: list[tuple[int, int | bytes]] = []
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _read_varint(data, at)
            found.append((tag >> 3, value))
            continue
        size = {1: 8, 5: 4}.get(kind)
        if size is None:
            if kind != 2:
                raise ValueError(f"wire type {kind}")
            size, at = _read_varint(data, at)
        if at + size > len(data):
            raise ValueError("cut off")
        found.append((tag >> 3, data[at : at + size]))
        at += size
    return found


def _read_duration(data: bytes) -> float:
    parts = {number: value for number, value in _fields(data) if isinstance(value, int)}
    return parts.get(1, 0) + parts.get(2, 0) / 1e9


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@dataclass
class Details:
    """What a server says about an error besides its text: see `CtxfitError`."""

    retry_delay: float | None = None
    violations: tuple[FieldViolation, ...] = ()
    reason: str = ""


def parse_details(status: bytes) -> Details:
    """Reads RetryInfo, BadRequest and ErrorInfo out of a `google.rpc.Status`, the trailer `grpc-status-details-bin`.

    These messages are not part of the protobuf package, and too few to require another one for. What cannot be read is
    passed over: details explain an error, and must not replace it.
    """
    found = Details()
    try:
        for number, detail in _fields(status):
            if number == 3 and isinstance(detail, bytes):
                parts = dict(_fields(detail))
                value = parts.get(2, b"")
                if isinstance(value, bytes):
                    _read_detail(_text(parts.get(1, b"")).rpartition("/")[2], value, found)
    except (IndexError, ValueError):
        return found
    return found


def _read_detail(kind: str, value: bytes, found: Details) -> None:
    inner = [item for field, item in _fields(value) if field == 1 and isinstance(item, bytes)]
    if kind == "google.rpc.RetryInfo":
        found.retry_delay = _read_duration(inner[-1]) if inner else 0.0
    elif kind == "google.rpc.ErrorInfo":
        found.reason = _text(inner[-1]) if inner else ""
    elif kind == "google.rpc.BadRequest":
        for item in inner:
            texts = dict(_fields(item))
            found.violations += (FieldViolation(_text(texts.get(1, b"")), _text(texts.get(2, b""))),)


_ROW = re.compile(r"^observations\.(\w+)\[(\d+)\](?: = (.*?))?: (.*)$", re.DOTALL)
_FIELD = re.compile(r"observations\.(\w+)(?:\[(\d+)\])?")


def from_rpc(error: grpc.RpcError, address: str, columns: dict[str, str]) -> CtxfitError:
    """Turns an error of gRPC into one of ours.

    Args:
        error: The error.
        address: The address that was called.
        columns: Columns of the caller's frame by field of Observations.
    """
    if not hasattr(error, "trailing_metadata"):
        return UnknownError(str(error))
    call: Any = error  # that of grpc.aio is no grpc.Call, and has the same methods
    return make_error(call.code(), call.details() or call.code().name, call.trailing_metadata() or (), address, columns)


def make_error(
    code: grpc.StatusCode,
    message: str,
    trailers: Iterable[tuple[str, str | bytes]],
    address: str,
    columns: dict[str, str],
) -> CtxfitError:
    """Makes the error of a status, with columns where the text names fields of Observations."""
    status = b""
    for key, value in trailers:
        if key == "grpc-status-details-bin" and isinstance(value, bytes):
            status = value
    details = parse_details(status)
    if code is grpc.StatusCode.UNAVAILABLE:
        message = f"no service at {address}: {message}"
    if code is not grpc.StatusCode.INVALID_ARGUMENT:
        return _CLASSES.get(code, UnknownError)(message, **vars(details))
    row = _ROW.match(message)
    named = _FIELD.search(message)
    return InvalidArgumentError(
        _FIELD.sub(lambda found: _in_frame(found, columns), message),
        **vars(details),
        column=columns.get(named[1], named[1]) if named else None,
        row=int(named[2]) if named and named[2] else None,
        value=row[3] if row else None,
        rule=row[4] if row else None,
    )


def _in_frame(found: re.Match[str], columns: dict[str, str]) -> str:
    field = found[1]
    name = columns.get(field, field)
    text = f'column "{name}"' + (f" ({field})" if name != field else "")
    return text + (f", row {found[2]}" if found[2] else "")
