"""Columns of a frame to `ctxfit.v1.Observations`."""

from __future__ import annotations

import math
import numbers
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ctxfit._errors import InvalidArgumentError
from ctxfit._frames import Library, Table, read_table
from ctxfit.v1.observations_pb2 import Observations

_RULES = {
    "training_compute_flops": "finite and > 0",
    "prompt_tokens": "finite and > 0",
    "context_limit_tokens": "finite and > 0",
    "score": "in [0, 1]",
    "weight": "finite and > 0",
    "score_variance": "in [0, score * (1 - score)], or 0.1 % above",
}
_OPTIONAL_NUMBERS = ("weight", "score_variance")
_POINTS = ("training_compute_flops", "prompt_tokens", "context_limit_tokens")
_LENGTHS = ("prompt_tokens", "context_limit_tokens")
_CLUSTERS = ("cluster", "cluster_2")
_NAMES = ("task", "model")
COLUMNS = (*_RULES, *_CLUSTERS, *_NAMES)

_LENGTH = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kKmM])?\s*")


@dataclass
class Input:
    """Rows that are ready to be sent.

    Attributes:
        observations: The rows.
        columns: Name in the caller's frame, by field of Observations.
        library: Library of the frame.
        notes: What the caller should know about the frame.
    """

    observations: Observations
    columns: dict[str, str]
    library: Library
    notes: list[str] = field(default_factory=list)


def parse_length(value: Any) -> float | None:
    """Reads a length in tokens: a number, or text such as "4096", "4k" (4096) and "1M" (1048576).

    K is 1024, since that is what a model named 128K has. Returns None if it is no length.
    """
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        return float(value)
    match = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    return float(match[1]) * {"": 1, "k": 1024, "m": 1024**2}[(match[2] or "").lower()]


def _is_missing(value: Any) -> bool:
    """True for None, NaN, and the missing values of pandas, which are not equal to themselves or refuse to say."""
    if value is None:
        return True
    if isinstance(value, str):
        return False
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return True


def _is_number(value: Any) -> bool:
    return isinstance(value, (numbers.Real, numbers.Number)) and not isinstance(value, complex)


class _Column:
    """A column of numbers: the packed doubles, and the rows without one."""

    def __init__(self, name: str, values: Any, known: str) -> None:
        self.missing: list[int] = []
        if hasattr(values, "astype"):  # an array of NumPy, of numbers
            floats = values.astype("<f8", copy=False)
            self.missing = (floats != floats).nonzero()[0].tolist()
            self.data = array("d", floats.tobytes())
            return
        try:
            if not {type(value) for value in values} <= {float, int, bool}:
                raise TypeError
            self.data = array("d", values)
        except (TypeError, OverflowError):
            self.data = array("d", (self._convert(name, row, value, known) for row, value in enumerate(values)))
        self.missing = [row for row, value in enumerate(self.data) if value != value]

    def _convert(self, name: str, row: int, value: Any, known: str) -> float:
        if _is_missing(value):
            return math.nan
        if _is_number(value):
            try:
                return float(value)
            except (OverflowError, ValueError):
                return math.inf
        length = parse_length(value) if known in _LENGTHS else None
        if length is not None:
            return length
        units = ', or a length as "4k"' if known in _LENGTHS else ""
        rule = f"must be a number, {_RULES.get(known, 'finite and > 0')}{units}"
        raise InvalidArgumentError(
            f'column "{name}"{_known_as(name, known)}, row {row} = {value!r}: {rule}',
            column=name,
            row=row,
            value=repr(value),
            rule=rule,
        )


def _known_as(name: str, known: str) -> str:
    return f" ({known})" if name != known and known else ""


def _packed(number: int, data: array[float]) -> bytes:
    """Encodes a field of packed doubles, so that protobuf copies the block instead of boxing every number."""
    size = len(data) * 8
    head = bytearray([number << 3 | 2])
    while size > 0x7F:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    head.append(size)
    return bytes(head) + data.tobytes()


def _snake(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


class _Reader:
    """Reads the columns of one frame."""

    def __init__(self, table: Table, columns: Mapping[str, str]) -> None:
        self.table = table
        self.chosen = dict(columns)
        self.columns: dict[str, str] = {}
        self.notes: list[str] = []
        self.rows: int | None = None
        self.first = ""
        for known in self.chosen:
            if known not in (*COLUMNS, "held_out", "group"):
                raise InvalidArgumentError(
                    f'columns: "{known}" is no column of ctxfit; these are: {", ".join(COLUMNS)}', column=known
                )

    def find(self, known: str) -> str | None:
        """Name of a column in the frame; None if the frame lacks it."""
        if known in self.chosen:
            self._check(self.chosen[known], f'columns["{known}"]')
            return self.chosen[known]
        if known in self.table.names:
            return known
        alike = [name for name in self.table.names if _snake(name) == known]
        if len(alike) > 1:
            raise InvalidArgumentError(
                f"columns {', '.join(map(repr, alike))} all stand for {known}: name one by columns={{{known!r}: ...}}",
                column=alike[0],
            )
        return alike[0] if alike else None

    def _check(self, name: str, what: str) -> None:
        if name not in self.table.names:
            raise InvalidArgumentError(
                f'{what}: the frame has no column "{name}"; it has {self._all_names()}', column=name
            )

    def _all_names(self) -> str:
        return ", ".join(f'"{name}"' for name in self.table.names) or "none"

    def _read(self, name: str) -> Any:
        values = self.table.read(name)
        if self.rows is None:
            self.rows, self.first = len(values), name
        if len(values) != self.rows:
            raise InvalidArgumentError(
                f'column "{name}" has {len(values)} rows and column "{self.first}" {self.rows}: must be as many',
                column=name,
            )
        return values

    def number(self, known: str) -> array[float] | None:
        """A column of numbers; None if the frame lacks it, or none of its rows has a value."""
        name = self.find(known)
        if name is None:
            return None
        self.columns[known] = name
        column = _Column(name, self._read(name), known)
        if column.missing and len(column.missing) == self.rows and known in _OPTIONAL_NUMBERS:
            self.notes.append(f'column "{name}"{_known_as(name, known)} has no value in any row: not used')
            return None
        self._check_missing(name, known, column.missing)
        return column.data

    def _check_missing(self, name: str, known: str, missing: Sequence[int]) -> None:
        if not missing:
            return
        more = "the only one" if len(missing) == 1 else f"the first of {len(missing):,}"
        rule = (
            f"must have one in every row{'' if known in _RULES and known not in _OPTIONAL_NUMBERS else ' or in none'}"
        )
        raise InvalidArgumentError(
            f'column "{name}"{_known_as(name, known)}, row {missing[0]}: has no value, {more} of {self.rows:,} rows: '
            + rule,
            column=name,
            row=missing[0],
            rule=rule,
        )

    def product(self, compute: tuple[str, str]) -> array[float]:
        """Training compute 6 N D, in floating-point operations, of columns with parameters N and tokens D."""
        factors = []
        for name in compute:
            self._check(name, "compute")
            column = _Column(name, self._read(name), "")
            self._check_missing(name, "training_compute_flops", column.missing)
            factors.append(column.data)
        self.columns["training_compute_flops"] = f"6 x {compute[0]} x {compute[1]}"
        return array("d", (6.0 * n * d for n, d in zip(*factors, strict=True)))

    def label(self, known: str) -> list[str] | None:
        """A column of text; None if the frame lacks it, or none of its rows has a value."""
        name = self.find(known)
        if name is None:
            return None
        self.columns[known] = name
        read = self._read(name)
        values: list[Any] = read.tolist() if hasattr(read, "tolist") else read
        missing: list[int] = []
        if {type(value) for value in values} != {str} or "" in values:
            missing = [row for row, value in enumerate(values) if _is_missing(value) or value == ""]
            values = ["" if _is_missing(value) else str(value) for value in values]
        if missing and len(missing) == self.rows:
            self.notes.append(f'column "{name}"{_known_as(name, known)} has no value in any row: not used')
            return None
        if missing and known in _NAMES:
            effect = "fitted there as a task without a name" if known == "task" else "without a model name there"
            lack = f"has no value in {len(missing):,} of {self.rows:,} rows"
            self.notes.append(f'column "{name}"{_known_as(name, known)} {lack}: {effect}')
            return values
        if known != "group":
            self._check_missing(name, known, missing)
        return values

    def flags(self, known: str, values: Any) -> list[bool]:
        """Flags per row: a column's name, or the flags themselves."""
        flags: Any
        if isinstance(values, str):
            self._check(values, known)
            self.columns["held_out"] = values
            flags = self._read(values)
        else:
            flags = values.to_list() if hasattr(values, "to_list") else list(values)
        flags = flags.tolist() if hasattr(flags, "tolist") else flags
        if self.rows is not None and len(flags) != self.rows:
            raise InvalidArgumentError(
                f"{known} has {len(flags)} values and the frame {self.rows} rows: must be as many"
            )
        for row, flag in enumerate(flags):
            if _is_missing(flag) or flag not in (False, True):
                raise InvalidArgumentError(
                    f"{known}, row {row} = {flag!r}: must be True or False", row=row, value=repr(flag)
                )
        return [bool(flag) for flag in flags]

    def check_required(self, found: Iterable[str], needed: Iterable[str]) -> None:
        """Raises InvalidArgumentError that names all missing columns."""
        lacking = [known for known in needed if known not in found]
        if not lacking:
            return
        remedy = "name them by columns={...}" if len(lacking) > 1 else f"name it by columns={{{lacking[0]!r}: ...}}"
        if "training_compute_flops" in lacking:
            remedy += ', or compute by compute=("parameters", "tokens")'
        if set(lacking) <= set(_LENGTHS):
            remedy += (
                "; a law with penalty=False does without limits"
                if lacking == ["context_limit_tokens"]
                else "; a law with context_factor=False, penalty=False does without prompts and limits"
            )
        plural = "s" if len(lacking) > 1 else ""
        raise InvalidArgumentError(
            f"the frame lacks the column{plural} {', '.join(lacking)}; it has {self._all_names()}: {remedy}",
            column=lacking[0],
        )


def read_observations(
    frame: Any,
    *,
    columns: Mapping[str, str] | None = None,
    compute: tuple[str, str] | None = None,
    hold_out: Any = None,
    score_scale: float = 1,
    needs_prompts: bool = True,
    needs_limits: bool = True,
    needs_scores: bool = True,
) -> Input:
    """Reads the columns of a frame.

    Args:
        frame: Anything that `read_table` opens; a row per score.
        columns: Name in the frame, by name of ctxfit, where they differ.
        compute: Columns of parameters and training tokens, from which training compute is 6 x parameters x tokens.
        hold_out: Column of flags, or flags per row: rows that are predicted instead of fitted.
        score_scale: Highest possible score, by which scores are divided.
        needs_prompts: True if the law uses prompt lengths.
        needs_limits: True if the law uses context limits.
        needs_scores: False if the rows are points: only compute, prompt lengths and limits are read.

    Raises:
        InvalidArgumentError: A column is missing, or a value in one; names column, row, value and rule.
    """
    table = read_table(frame)
    reader = _Reader(table, columns or {})
    found: dict[str, array[float]] = {}
    if compute is not None:
        if "training_compute_flops" in reader.chosen:
            raise InvalidArgumentError("compute: contradicts columns['training_compute_flops']")
        found["training_compute_flops"] = reader.product(compute)
    for known in _RULES if needs_scores else _POINTS:
        if known not in found:
            numbers_ = reader.number(known)
            if numbers_ is not None:
                found[known] = numbers_
    needed = [*_POINTS, "score"] if needs_scores else [*_POINTS]
    if not needs_prompts:
        needed.remove("prompt_tokens")
    if not needs_limits:
        needed.remove("context_limit_tokens")
    reader.check_required(found, needed)
    if not reader.rows:
        raise InvalidArgumentError("the frame has no rows: must have at least one")
    if score_scale != 1:
        for known, scale in (("score", score_scale), ("score_variance", score_scale * score_scale)):
            if known in found:
                found[known] = array("d", (value / scale for value in found[known]))
    fields = Observations.DESCRIPTOR.fields_by_name
    observations = Observations.FromString(
        b"".join(_packed(fields[known].number, values) for known, values in found.items())
    )
    for known in (*_CLUSTERS, *_NAMES) if needs_scores else ():
        labels = reader.label(known)
        if labels is not None:
            getattr(observations, known).extend(labels)
    if hold_out is not None:
        observations.held_out.extend(reader.flags("hold_out", hold_out))
    return Input(observations, reader.columns, table.library, reader.notes)


def read_groups(frame: Any, group: Any, rows: int) -> list[str]:
    """Reads the groups of `compare` or `backtest`: a column's name, or a label per row; "" where there is none.

    Raises:
        InvalidArgumentError: There are not as many labels as rows.
    """
    if isinstance(group, str) and frame is None:
        raise InvalidArgumentError("group: must be a label per row; a fit does not keep the other columns of its frame")
    if isinstance(group, str):
        labels = _Reader(read_table(frame), {"group": group}).label("group") or []
    else:
        values = group.to_list() if hasattr(group, "to_list") else list(group)
        labels = ["" if _is_missing(value) else str(value) for value in values]
    if len(labels) != rows:
        raise InvalidArgumentError(f"group has {len(labels)} labels and the frame {rows} rows: must be as many")
    return labels
