"""JSON as the command line writes it."""

from __future__ import annotations

import json
import math
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from ctxfit._errors import InvalidArgumentError
from ctxfit.v1.fitting_service_pb2 import FitResponse

_Field = Any
"""A field's descriptor: of the class of protobuf's Python, or of its C, which share no base."""

_WIDE = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}


class _Number:
    """A number with the digits that C++'s protobuf writes: 15 if these are enough, 17 otherwise."""

    def __init__(self, value: float) -> None:
        short = f"{value:.15g}"
        self.text = short if float(short) == value else f"{value:.17g}"


def _number(value: float) -> Any:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return _Number(value)


def _scalar(field: _Field, value: Any) -> Any:
    if field.message_type is not None:
        return _tree(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if field.cpp_type == FieldDescriptor.CPPTYPE_DOUBLE:
        return _number(value)
    return str(value) if field.cpp_type in _WIDE else value


def _is_repeated(field: _Field) -> bool:
    # The one spelling that every protobuf since 4.21 has: `label` is deprecated in the later ones.
    return bool(field.is_repeated) if hasattr(field, "is_repeated") else field.label == FieldDescriptor.LABEL_REPEATED


def _in_order(message: Message) -> list[_Field]:
    """The fields that are written, in the order in which C++ writes them.

    First come those that it lays out before it reads any value, as declared; then, by number, what has no place yet:
    members of oneofs, of which an optional scalar is one to protobuf, and durations, which are text in JSON.
    """
    laid_out: list[_Field] = []
    later: list[_Field] = []
    for field in message.DESCRIPTOR.fields:
        is_single_message = field.message_type is not None and not _is_repeated(field)
        has_presence = is_single_message or field.containing_oneof is not None
        if has_presence and not message.HasField(field.name):
            continue
        is_duration = is_single_message and isinstance(getattr(message, field.name), Duration)
        (later if field.containing_oneof is not None or is_duration else laid_out).append(field)
    return laid_out + sorted(later, key=lambda field: field.number)


def _tree(message: Message) -> Any:
    if isinstance(message, Duration):
        return message.ToJsonString()
    tree: dict[str, Any] = {}
    for field in _in_order(message):
        value = getattr(message, field.name)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            item = field.message_type.fields_by_name["value"]
            tree[field.name] = {str(key): _scalar(item, value[key]) for key in sorted(value)}
        elif _is_repeated(field):
            tree[field.name] = [_scalar(field, item) for item in value]
        else:
            tree[field.name] = _scalar(field, value)
    return tree


def _write(value: Any, depth: int, out: list[str]) -> None:
    if isinstance(value, (dict, list)):
        is_plain = isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)
        new_line = "" if is_plain or not value else "\n" + "  " * (depth + 1)
        out.append("{" if isinstance(value, dict) else "[")
        for i, item in enumerate(value):
            if i:
                out.append(", " if is_plain else ",")
            out.append(new_line)
            if isinstance(value, dict):
                out.append(_quote(item) + ": ")
                item = value[item]
            _write(item, depth + 1, out)
        out.append("\n" + "  " * depth if new_line else "")
        out.append("}" if isinstance(value, dict) else "]")
    elif isinstance(value, _Number):
        out.append(value.text)
    else:
        out.append(_quote(value) if isinstance(value, str) else json.dumps(value))


# Characters outside ASCII that C++'s protobuf escapes: invisible ones, and those that end lines in JavaScript.
def _is_escaped(code: int) -> bool:
    return (
        0x7F <= code <= 0x9F
        or code in (0x3C, 0x3E, 0xAD, 0x6DD, 0x70F, 0x17B4, 0x17B5, 0xFEFF, 0x110BD, 0x1D173)
        or 0x600 <= code <= 0x603
        or 0x200B <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x2064
        or 0x206A <= code <= 0x206F
        or 0xFFF9 <= code <= 0xFFFB
        or 0x1D173 <= code <= 0x1D17A
        or 0xE0001 <= code <= 0xE007F
    )


def _quote(text: str) -> str:
    plain = json.dumps(text, ensure_ascii=False)
    return "".join(_escape(char) if _is_escaped(ord(char)) else char for char in plain)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[i] << 8 | units[i + 1]:04x}" for i in range(0, len(units), 2))


def to_json(message: Message) -> str:
    """Writes a message as `ctxfit --format json` and `--out` do, to the bit.

    Keys are the proto's names; fields without presence are always there; an array of scalars takes one line.
    """
    out: list[str] = []
    _write(_tree(message), 0, out)
    return "".join(out) + "\n"


def read_fit_response(text: str, source: str) -> FitResponse:
    """Reads what `ctxfit fit --out` or `Fit.save` wrote.

    Raises:
        InvalidArgumentError: The text is no such file, or holds no fit.
    """
    try:
        response = json_format.Parse(text, FitResponse(), ignore_unknown_fields=True)
    except json_format.ParseError as error:
        raise InvalidArgumentError(f"{source}: not the JSON that `ctxfit fit --out` writes: {error}") from None
    if not response.fits:
        raise InvalidArgumentError(f"{source}: holds no fits")
    return response
