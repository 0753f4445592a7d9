"""Options of a fit, by the names of the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypedDict

from google.protobuf.message import Message

from ctxfit._errors import InvalidArgumentError
from ctxfit.v1.law_pb2 import Asymptote, Penalty
from ctxfit.v1.options_pb2 import FitOptions


class Options(TypedDict, total=False):
    """Options that `fit`, `backtest`, `ablate` and `compare` take. One that is not given has the service's default.

    Keys:
        penalty: False leaves the penalty beyond the context limit out of the law.
        penalty_width: Width of the penalty: tokens, a share of the limit as "10%", or "fit".
        penalty_onset: Centre of the penalty, in context limits, or "fit".
        context_factor: False leaves the context factor out of the law.
        floor: Score where a factor vanishes: a score in [0, 1), scores by task, or "fit".
        ceiling: Score where every factor is 1: a score in (0, 1], scores by task, or "fit".
        fixed: Parameters that are held, by name, as {"compute_exponent": 0.5}.
        bounds: Bounds of fitted parameters, by name, as {"compute_exponent": (0, 2)}.
        reference_compute: Reference scale of compute, in FLOP.
        reference_prompt: Reference scale of prompt length, in tokens.
        loss: Loss of a residual.
        huber_threshold: Residual beyond which a row's influence stops growing, with loss "huber".
        seed: Seed of every random number.
        backend: Device to run on.
        candidates: Population of the search.
        search_over: What the population is evaluated against.
        resample: Units to resample.
        replicates: Bootstrap replicates, 0 for none.
        confidence: Coverage of intervals and bands, in (0, 1).
        global_replicates: Number of replicates to fit from scratch.
        weights: Distribution of the weights of resampled units.
        interval: Method of computing intervals from the replicates.
        omit_replicates: True leaves the replicates out of the answer: predictions from it have no bands.
        profile: True adds profile intervals.
        held_out_levels: "off" spares `fit` the comparison with straight lines on held-out model levels; by default it
            is made where it takes a third of the fit or less.
    """

    penalty: bool
    penalty_width: float | str
    penalty_onset: float | Literal["fit"]
    context_factor: bool
    floor: float | Mapping[str, float] | Literal["fit"]
    ceiling: float | Mapping[str, float] | Literal["fit"]
    fixed: Mapping[str, float]
    bounds: Mapping[str, tuple[float, float]]
    reference_compute: float
    reference_prompt: float
    loss: Literal["squared", "huber", "bernoulli"]
    huber_threshold: float
    seed: int
    backend: Literal["auto", "cpu", "cuda"]
    candidates: int
    search_over: Literal["auto", "observations", "bins"]
    resample: Literal["auto", "cluster", "record", "two-way", "stratified"]
    replicates: int
    confidence: float
    global_replicates: int
    weights: Literal["exponential", "poisson", "multinomial"]
    interval: Literal["percentile", "bca"]
    omit_replicates: bool
    profile: bool
    held_out_levels: Literal["auto", "off"]


# Options that set one field.
_FIELDS = {
    "reference_compute": "compute_reference_flops",
    "reference_prompt": "prompt_reference_tokens",
    "loss": "loss",
    "huber_threshold": "huber_threshold",
    "seed": "seed",
    "backend": "backend",
    "candidates": "search.candidates",
    "search_over": "search.over",
    "resample": "bootstrap.resampling",
    "replicates": "bootstrap.replicates",
    "confidence": "bootstrap.confidence",
    "global_replicates": "bootstrap.global_replicates",
    "weights": "bootstrap.weights",
    "interval": "bootstrap.interval",
    "omit_replicates": "bootstrap.omit_replicates",
    "profile": "profile_intervals",
    "held_out_levels": "backtest",
}


def _wrong(name: str, value: object, rule: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"{name} = {value!r}: must be {rule}", value=repr(value), rule=f"must be {rule}")


def _choices(enum: Any) -> dict[str, int]:
    """Names as the command line has them: RESAMPLING_TWO_WAY is "two-way"."""
    prefix = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", enum.name).upper() + "_"
    return {
        value.name[len(prefix) :].lower().replace("_", "-"): value.number for value in enum.values if value.number != 0
    }


def _set_field(options: FitOptions, name: str, value: Any) -> None:
    message: Message = options
    *path, last = _FIELDS[name].split(".")
    for part in path:
        message = getattr(message, part)
    enum = message.DESCRIPTOR.fields_by_name[last].enum_type
    if enum is not None:
        choices = _choices(enum)
        if value not in choices:
            raise _wrong(name, value, "one of " + ", ".join(f'"{choice}"' for choice in choices))
        value = choices[value]
    try:
        setattr(message, last, value)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{name} = {value!r}: {error}", value=repr(value)) from None


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _set_penalty(penalty: Penalty, options: Mapping[str, Any]) -> None:
    width, onset = options.get("penalty_width"), options.get("penalty_onset")
    if options.get("penalty") is False:
        if width is not None or onset is not None:
            raise InvalidArgumentError("penalty = False: excludes penalty_width and penalty_onset")
        penalty.none = True
        return
    share = re.fullmatch(r"\s*([0-9.eE+-]+)\s*%\s*", width) if isinstance(width, str) else None
    if width == "fit":
        penalty.fit_width = True
    elif share is not None:
        penalty.width_ratio = _number_in(share[1], "penalty_width") / 100
    elif _is_number(width):
        penalty.width_tokens = float(width)  # type: ignore[arg-type]
    elif width is not None:
        raise _wrong("penalty_width", width, 'a number of tokens, a share of the context limit as "10%", or "fit"')
    if onset == "fit":
        penalty.fit_onset = True
    elif _is_number(onset):
        penalty.onset_ratio = float(onset)  # type: ignore[arg-type]
    elif onset is not None:
        raise _wrong("penalty_onset", onset, 'a number, the multiple of the context limit, or "fit"')


def _number_in(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _wrong(name, text, "a number before the %") from None


def _set_asymptote(asymptote: Asymptote, name: str, value: object) -> None:
    if value == "fit":
        asymptote.fitted = True
    elif isinstance(value, Mapping):
        for task, score in value.items():
            asymptote.by_task[task] = score
    elif _is_number(value):
        asymptote.value = float(value)  # type: ignore[arg-type]
    else:
        raise _wrong(name, value, 'a score, scores by task, or "fit"')


def make_options(options: Mapping[str, Any]) -> FitOptions:
    """Makes the message of `Options`.

    Raises:
        InvalidArgumentError: An option has no meaning; the service checks ranges.
        TypeError: There is no such option.
    """
    known = set(Options.__annotations__)
    for name in options:
        if name not in known:
            raise TypeError(f"{name!r} is no option of a fit; these are: {', '.join(sorted(known))}")
    message = FitOptions()
    _set_penalty(message.penalty, options)
    if options.get("context_factor") is False:
        message.no_context_factor = True
    for name in ("floor", "ceiling"):
        if options.get(name) is not None:
            _set_asymptote(getattr(message, name), name, options[name])
    for parameter, value in (options.get("fixed") or {}).items():
        message.fixed.add(name=parameter, value=value)
    for parameter, (lower, upper) in (options.get("bounds") or {}).items():
        message.bounds.add(name=parameter, lower=lower, upper=upper)
    for name in _FIELDS:
        if options.get(name) is not None:
            _set_field(message, name, options[name])
    return message


def uses_limits(options: FitOptions) -> bool:
    """True if the law has a penalty."""
    return not options.penalty.none


def uses_prompts(options: FitOptions) -> bool:
    """True if the law has a penalty or a context factor."""
    return not (options.penalty.none and options.no_context_factor)
