"""Requests of the planning service, and the frames of its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from ctxfit._connection import Method
from ctxfit._errors import InvalidArgumentError
from ctxfit._frames import Library, make_frame, read_table
from ctxfit._observations import Input, parse_length, read_observations
from ctxfit._options import uses_limits, uses_prompts
from ctxfit.v1.ablation_pb2 import AblateResponse
from ctxfit.v1.backtest_pb2 import (
    FOLD_SCHEME_COMPUTE,
    FOLD_SCHEME_GROUP,
    FOLD_SCHEME_LEVEL,
    FOLD_SCHEME_LIMIT,
    FOLD_SCHEME_PROMPT,
    BacktestRequest,
    BacktestResponse,
)
from ctxfit.v1.baseline_pb2 import PredictorErrors
from ctxfit.v1.comparison_pb2 import CompareResponse
from ctxfit.v1.evaluation_pb2 import ErrorSummary
from ctxfit.v1.fit_pb2 import Fit as FitMessage
from ctxfit.v1.options_pb2 import FitOptions
from ctxfit.v1.planning_service_pb2 import (
    EvaluateRequest,
    EvaluateResponse,
    PredictRequest,
    PredictResponse,
    SolveRequest,
    SolveResponse,
)
from ctxfit.v1.solution_pb2 import (
    SOLVE_OUTCOME_NOT_DETERMINED,
    SOLVE_OUTCOME_NOT_REACHABLE,
    SOLVE_OUTCOME_REACHED,
    Solution,
    SolvedValue,
)

ABLATE = Method("/ctxfit.v1.FittingService/Ablate", AblateResponse.FromString)
COMPARE = Method("/ctxfit.v1.FittingService/Compare", CompareResponse.FromString)
PREDICT = Method("/ctxfit.v1.PlanningService/Predict", PredictResponse.FromString)
SOLVE = Method("/ctxfit.v1.PlanningService/Solve", SolveResponse.FromString)
EVALUATE = Method("/ctxfit.v1.PlanningService/Evaluate", EvaluateResponse.FromString)

Frontier = Literal["compute", "prompt", "context"]
Numbers = float | str | Sequence[float] | Sequence[str] | Sequence[float | str] | Any | None

_POINTS = ("training_compute_flops", "prompt_tokens", "context_limit_tokens")
Rows = dict[str, list[Any]]


def number_list(values: Numbers, name: str) -> list[float]:
    """Reads one value or several; lengths may have a unit, as "128K" (131072).

    Raises:
        InvalidArgumentError: A value is no number.
    """
    if values is None:
        return []
    if isinstance(values, (str, int, float)) or not hasattr(values, "__iter__"):
        values = [values]
    numbers = []
    for value in values:
        number = parse_length(value) if name in ("prompt", "context") else _to_float(value)
        if number is None:
            units = ', or a length as "128K"' if name in ("prompt", "context") else ""
            raise InvalidArgumentError(f"{name} = {value!r}: must be a number{units}", value=repr(value))
        numbers.append(number)
    return numbers


def or_once(values: list[float]) -> list[float | None]:
    """The values; one None if there are none, so that a loop over them runs once."""
    return [*values] or [None]


def _to_float(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def point_columns(frame: Any, columns: Mapping[str, str] | None, fits: Iterable[FitMessage]) -> tuple[Rows, Library]:
    """Reads points to predict at, one per row, from a frame that needs no scores.

    Raises:
        InvalidArgumentError: A column that a law uses is missing, or a value in one.
    """
    table = read_table(frame)
    names = {"training_compute_flops": True, "prompt_tokens": False, "context_limit_tokens": False}
    for fit in fits:
        names["prompt_tokens"] |= uses_prompts(fit.provenance.options)
        names["context_limit_tokens"] |= uses_limits(fit.provenance.options)
    read = read_observations(
        frame,
        columns=columns,
        needs_prompts=names["prompt_tokens"],
        needs_limits=names["context_limit_tokens"],
        needs_scores=False,
    )
    return {name: list(getattr(read.observations, name)) for name in _POINTS}, table.library


def predict_request(
    fit: FitMessage,
    points: Rows | None,
    axes: Mapping[str, Numbers],
    confidence: float | None,
    simultaneous: bool,
    new_mean: int | None,
) -> PredictRequest:
    """Asks for predictions at points, or at every combination of three axes.

    Raises:
        InvalidArgumentError: Both are given, or an axis that the law uses is missing.
    """
    request = PredictRequest(fit=fit, simultaneous=simultaneous)
    values = {name: number_list(axes[name], name) for name in ("compute", "prompt", "context")}
    if points is not None:
        if any(values.values()):
            raise InvalidArgumentError("points: excludes compute, prompt and context, which span a grid")
        request.points.SetInParent()
        for name, column in points.items():
            getattr(request.points, name).extend(column)
    else:
        _check_axes(fit, values)
        request.grid.training_compute_flops.extend(values["compute"])
        request.grid.prompt_tokens.extend(values["prompt"])
        request.grid.context_limit_tokens.extend(values["context"])
    if confidence is not None:
        request.confidence = confidence
    if new_mean is not None:
        request.new_mean_items = new_mean
    return request


def _check_axes(fit: FitMessage, values: Mapping[str, list[float]]) -> None:
    options = fit.provenance.options
    for name, is_used in (("compute", True), ("prompt", uses_prompts(options)), ("context", uses_limits(options))):
        if is_used and not values[name]:
            raise InvalidArgumentError(f"{name} is required: the law of the fit uses it")


def solve_request(
    fit: FitMessage,
    target: Numbers,
    prompt: Numbers,
    compute: Numbers,
    context: Numbers,
    budget: float | None,
    confidence: float | None,
) -> SolveRequest:
    """Asks for the compute, or, where compute is given, for the prompt lengths, that reach every combination.

    Raises:
        InvalidArgumentError: Both prompt and compute are given, or what the law uses is missing.
    """
    options = fit.provenance.options
    targets, limits = number_list(target, "target"), number_list(context, "context")
    prompts, computes = number_list(prompt, "prompt"), number_list(compute, "compute")
    if not targets:
        raise InvalidArgumentError("target is required: the score to reach")
    if prompts and computes:
        raise InvalidArgumentError("prompt and compute: one of them must be given, the other one is solved for")
    if uses_prompts(options) and not prompts and not computes:
        raise InvalidArgumentError("prompt or compute: one of them must be given, the other one is solved for")
    if computes and not uses_prompts(options):
        raise InvalidArgumentError("compute: solves for prompt lengths, which the law of the fit does not use")
    if uses_limits(options) and not limits:
        raise InvalidArgumentError("context is required: the law of the fit uses it")
    request = SolveRequest(fit=fit)
    queries: Any = request.prompt_length if computes else request.training_compute
    given = queries.training_compute_flops if computes else queries.prompt_tokens
    budgets = queries.budget_prompt_tokens if computes else queries.budget_compute_flops
    for score in targets:
        for limit in or_once(limits):
            for value in or_once(computes or prompts):
                queries.target_score.append(score)
                if limit is not None:
                    queries.context_limit_tokens.append(limit)
                if value is not None:
                    given.append(value)
                if budget is not None:
                    budgets.append(budget)
    if confidence is not None:
        request.confidence = confidence
    return request


def evaluate_request(
    fits: Iterable[FitMessage],
    frame: Any,
    columns: Mapping[str, str] | None,
    compute: tuple[str, str] | None,
    score_scale: float,
    confidence: float | None,
) -> tuple[EvaluateRequest, Input]:
    """Asks for the errors of fits on the rows of a frame."""
    request = EvaluateRequest(fits=fits)
    options = [fit.provenance.options for fit in request.fits]
    read = read_observations(
        frame,
        columns=columns,
        compute=compute,
        score_scale=score_scale,
        needs_prompts=any(uses_prompts(each) for each in options),
        needs_limits=any(uses_limits(each) for each in options),
    )
    request.observations.CopyFrom(read.observations)
    if confidence is not None:
        request.confidence = confidence
    return request, read


def _optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _add(rows: Rows, /, **values: Any) -> None:
    for name, value in values.items():
        rows.setdefault(name, []).append(value)


def _domain(is_determined: bool, is_extrapolated: bool) -> str:
    return "not determined" if not is_determined else "extrapolated" if is_extrapolated else "observed"


def prediction_rows(task: str, response: PredictResponse, rows: Rows) -> None:
    """Adds a row per point and kind of band."""
    found = response.predictions
    bands = {
        "mean": (found.mean_lower, found.mean_upper),
        "simultaneous": (found.simultaneous_lower, found.simultaneous_upper),
        "new mean": (found.new_mean_lower, found.new_mean_upper),
    }
    for kind, (lower, upper) in bands.items():
        if not lower and kind != "mean":
            continue
        for i, score in enumerate(found.score):
            has_band = bool(lower) and found.determined[i] and not (found.band_withheld and found.band_withheld[i])
            _add(
                rows,
                task=task,
                training_compute_flops=found.training_compute_flops[i],
                prompt_tokens=found.prompt_tokens[i] if found.prompt_tokens else None,
                context_limit_tokens=found.context_limit_tokens[i] if found.context_limit_tokens else None,
                value=score,
                lower=lower[i] if has_band else None,
                upper=upper[i] if has_band else None,
                kind=kind,
                domain=_domain(found.determined[i], found.extrapolated[i]),
            )


_OUTCOMES = {
    SOLVE_OUTCOME_REACHED: "reached",
    SOLVE_OUTCOME_NOT_REACHABLE: "not reachable",
    SOLVE_OUTCOME_NOT_DETERMINED: "not determined",
}


def _solution_row(task: str, solution: Solution, kind: str, value: SolvedValue | None, rows: Rows) -> None:
    _add(
        rows,
        task=task,
        target_score=solution.target_score,
        training_compute_flops=_optional(solution, "training_compute_flops"),
        prompt_tokens=_optional(solution, "prompt_tokens"),
        context_limit_tokens=_optional(solution, "context_limit_tokens"),
        value=value.value if value is not None else None,
        lower=_optional(value, "lower") if value is not None else None,
        upper=_optional(value, "upper") if value is not None else None,
        kind=kind,
        domain=_domain(
            solution.outcome != SOLVE_OUTCOME_NOT_DETERMINED
            and not (kind == "longest prompt" and solution.most_undetermined),
            solution.extrapolated,
        ),
        outcome=_OUTCOMES.get(solution.outcome, "not known"),
        highest_score=solution.highest_score.value if solution.HasField("highest_score") else None,
        budget=_optional(solution, "budget"),
        budget_probability=_optional(solution, "budget_probability"),
    )


def solution_rows(task: str, response: SolveResponse, for_prompts: bool, rows: Rows) -> None:
    """Adds a row per query; for prompts one for the shortest and one for the longest."""
    for solution in response.solutions:
        least = solution.least if solution.HasField("least") else None
        _solution_row(task, solution, "shortest prompt" if for_prompts else "training compute", least, rows)
        if for_prompts:
            most = solution.most if solution.HasField("most") else None
            _solution_row(task, solution, "longest prompt", most, rows)


_FRONTIERS = {"compute": FOLD_SCHEME_COMPUTE, "prompt": FOLD_SCHEME_PROMPT, "context": FOLD_SCHEME_LIMIT}


def backtest_request(
    source: Input, options: FitOptions, group: list[str] | None, frontier: str | None, cuts: Numbers
) -> BacktestRequest:
    """Asks for a backtest: each group of rows in turn, or a frontier, or by default each model level in turn.

    Raises:
        InvalidArgumentError: Group and frontier contradict, or an argument has no meaning.
    """
    if frontier is not None and frontier not in _FRONTIERS:
        raise InvalidArgumentError(f'frontier = {frontier!r}: must be "compute", "prompt" or "context"')
    if group is not None and frontier is not None:
        raise InvalidArgumentError("by: excludes frontier")
    if cuts is not None and frontier is None:
        raise InvalidArgumentError("cuts: must be given with frontier only")
    request = BacktestRequest(observations=source.observations, options=options, scheme=FOLD_SCHEME_LEVEL)
    if group is not None:
        request.scheme = FOLD_SCHEME_GROUP
        request.group.extend(group)
    if frontier is not None:
        request.scheme = _FRONTIERS[frontier]
        request.cuts.extend(number_list(cuts, frontier))
    return request


def _held_out_values(errors: PredictorErrors) -> dict[str, Any]:
    rows = errors.rows if errors.HasField("rows") else None
    return {
        "records": rows.record_count if rows else None,
        "mae": rows.mae if rows else None,
        "rmse": rows.rmse if rows else None,
        "bias": rows.bias if rows else None,
        "octave_means": errors.means.record_count,
        "octave_mae": errors.means.mae,
        "octave_rmse": errors.means.rmse,
    }


def backtest_error_rows(response: BacktestResponse) -> Rows:
    """A row per task and predictor: the law and the baselines, over all folds."""
    rows: Rows = {}
    for backtest in response.backtests:
        if backtest.HasField("law"):
            _add(rows, task=backtest.task, predictor="law", **_held_out_values(backtest.law))
        for each in backtest.baselines:
            _add(rows, task=backtest.task, predictor=each.name, **_held_out_values(each.errors))
    return rows


def fold_rows(response: BacktestResponse) -> Rows:
    """A row per task and fold."""
    rows: Rows = {}
    for backtest in response.backtests:
        for fold in backtest.folds:
            law = fold.law if fold.HasField("law") else None
            coverage = fold.band_coverage if fold.HasField("band_coverage") else None
            _add(
                rows,
                task=backtest.task,
                training_compute_flops=_optional(fold, "training_compute_flops"),
                context_limit_tokens=_optional(fold, "context_limit_tokens"),
                group=_optional(fold, "group"),
                cut=_optional(fold, "cut"),
                fitted_count=fold.fitted_count,
                held_out_count=fold.held_out_count,
                mae=law.rows.mae if law else None,
                rmse=law.rows.rmse if law else None,
                bias=law.rows.bias if law else None,
                octave_mae=law.means.mae if law else None,
                means_inside_band=coverage.inside_count if coverage else None,
                means_with_band=coverage.group_count if coverage else None,
                reason=fold.reason,
            )
    return rows


def held_out_mean_rows(response: BacktestResponse) -> Rows:
    """A row per task, fold and mean score of an octave of prompt lengths that was held out."""
    rows: Rows = {}
    for backtest in response.backtests:
        for number, fold in enumerate(backtest.folds):
            for mean in fold.means:
                baselines = {each.name: value for each, value in zip(fold.baselines, mean.baselines, strict=True)}
                _add(
                    rows,
                    task=backtest.task,
                    fold=number,
                    training_compute_flops=mean.training_compute_flops,
                    prompt_tokens=mean.prompt_tokens,
                    context_limit_tokens=_optional(mean, "context_limit_tokens"),
                    records=mean.record_count,
                    score=mean.score,
                    value=mean.law,
                    lower=_optional(mean, "lower"),
                    upper=_optional(mean, "upper"),
                    kind="mean",
                    compute_distance=mean.compute_distance,
                    prompt_distance=mean.prompt_distance,
                    **baselines,
                )
    return rows


def _error_values(errors: ErrorSummary) -> dict[str, Any]:
    return {"records": errors.record_count, "mae": errors.mae, "rmse": errors.rmse, "bias": errors.bias}


def evaluation_rows(response: EvaluateResponse) -> Rows:
    """A row per task and group of rows: all, within the limit, beyond it, and each model."""
    rows: Rows = {}
    for evaluation in response.evaluations:
        for name in ("all", "within_limit", "beyond_limit"):
            if evaluation.HasField(name):
                _add(
                    rows,
                    task=evaluation.task,
                    rows=name.replace("_", " "),
                    model="",
                    **_error_values(getattr(evaluation, name)),
                )
        for model in evaluation.models:
            limit = f", {model.context_limit_tokens:g} tokens" if model.HasField("context_limit_tokens") else ""
            label = model.model or f"{model.training_compute_flops:g} FLOP{limit}"
            _add(rows, task=evaluation.task, rows="model", model=label, **_error_values(model.errors))
    return rows


_ESTIMATE = (
    "value", "standard_error", "lower", "upper", "sandwich_standard_error", "sandwich_lower", "sandwich_upper",
    "profile_lower", "profile_upper",
)  # fmt: skip
_UNITS = {
    "compute_reference_flops": "FLOP",
    "characteristic_compute_flops": "FLOP",
    "prompt_reference_tokens": "tokens",
    "characteristic_prompt_tokens": "tokens",
    "penalty_width_tokens": "tokens",
    "penalty_width_ratio": "context limits",
    "penalty_onset_ratio": "context limits",
}


def estimate_rows(fits: Iterable[FitMessage]) -> Rows:
    """A row per task and parameter."""
    rows: Rows = {}
    for fit in fits:
        for estimate in fit.estimates:
            numbers = {name: _optional(estimate, name) for name in _ESTIMATE}
            _add(
                rows,
                task=fit.task,
                name=estimate.name,
                unit=_UNITS.get(estimate.name, ""),
                **numbers,
                fixed=estimate.fixed,
                identified=estimate.identified,
                reason=estimate.reason,
            )
    return rows


def parameter_difference_rows(response: CompareResponse) -> Rows:
    """A row per task and parameter of both groups."""
    rows: Rows = {}
    for comparison in response.comparisons:
        for each in comparison.parameters:
            _add(
                rows,
                task=comparison.task,
                name=each.name,
                first=each.first,
                second=each.second,
                value=each.difference,
                standard_error=_optional(each, "standard_error"),
                lower=_optional(each, "lower"),
                upper=_optional(each, "upper"),
                reason=each.reason,
            )
    return rows


def prediction_difference_rows(response: CompareResponse) -> Rows:
    """A row per task and point of both groups."""
    rows: Rows = {}
    for comparison in response.comparisons:
        for each in comparison.predictions:
            _add(
                rows,
                task=comparison.task,
                training_compute_flops=each.training_compute_flops,
                prompt_tokens=_optional(each, "prompt_tokens"),
                context_limit_tokens=_optional(each, "context_limit_tokens"),
                first=each.first,
                second=each.second,
                value=each.difference,
                lower=_optional(each, "lower"),
                upper=_optional(each, "upper"),
                domain=_domain(each.determined, each.extrapolated),
            )
    return rows


def test_rows(response: CompareResponse) -> Rows:
    """A row per task and test of one law for both groups."""
    rows: Rows = {}
    for comparison in response.comparisons:
        for name in ("wald_test", "f_test"):
            test = getattr(comparison, name)
            _add(
                rows,
                task=comparison.task,
                test=name.removesuffix("_test"),
                statistic=_optional(test, "statistic"),
                numerator_degrees=_optional(test, "numerator_degrees"),
                denominator_degrees=_optional(test, "denominator_degrees"),
                p_value=_optional(test, "p_value"),
                reason=test.reason,
            )
    return rows


_VARIANTS = {1: "full", 2: "no penalty", 3: "no context factor", 4: "neither"}


def ablation_rows(response: AblateResponse) -> Rows:
    """A row per task and variant of the law."""
    rows: Rows = {}
    for ablation in response.ablations:
        for each in ablation.variants:
            crossed = each.cross_validation if each.HasField("cross_validation") else None
            _add(
                rows,
                task=ablation.task,
                variant=_VARIANTS.get(each.variant, str(each.variant)),
                fitted_count=each.fitted_count,
                mae=each.fit.goodness.mae,
                rmse=each.fit.goodness.rmse,
                aic_difference=_optional(each, "aic_difference"),
                bic_difference=_optional(each, "bic_difference"),
                held_out_mae=crossed.all.mae if crossed else None,
                held_out_rmse=crossed.all.rmse if crossed else None,
                held_out_bias=crossed.all.bias if crossed else None,
            )
    return rows


def to_frame(library: Library, rows: Rows) -> Any:
    """Makes the caller's frame of rows."""
    return make_frame(library, rows)
