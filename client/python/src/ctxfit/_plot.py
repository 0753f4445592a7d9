"""Pictures by matplotlib, which is optional."""

from __future__ import annotations

import importlib
import io
import math
from typing import Any

from ctxfit.v1.backtest_pb2 import Backtest
from ctxfit.v1.fit_pb2 import Fit as FitMessage
from ctxfit.v1.fitting_service_pb2 import FitResponse
from ctxfit.v1.observations_pb2 import Observations
from ctxfit.v1.planning_service_pb2 import PredictResponse

CURVE_POINTS = 80
MAX_PANELS = 16
CONTOUR_STEPS = 60

Level = tuple[float, float]
"""Training compute in FLOP, and context limit in tokens (0 if there are none)."""


def levels_of(observations: Observations, task: str) -> dict[Level, list[int]]:
    """Rows by model level, of one task and not held out, in the order of compute and limit."""
    levels: dict[Level, list[int]] = {}
    limits, tasks, held_out = observations.context_limit_tokens, observations.task, observations.held_out
    for row, compute in enumerate(observations.training_compute_flops):
        if (tasks and tasks[row] != task) or (held_out and held_out[row]):
            continue
        levels.setdefault((compute, limits[row] if limits else 0.0), []).append(row)
    return dict(sorted(levels.items()))


def drawn_levels(observations: Observations, task: str) -> dict[Level, list[int]]:
    """The levels that a picture shows: all, or as many as it has panels, evenly thinned out."""
    levels = list(levels_of(observations, task).items())
    if len(levels) > MAX_PANELS:
        levels = [levels[round(i * (len(levels) - 1) / (MAX_PANELS - 1))] for i in range(MAX_PANELS)]
    return dict(levels)


def curve_points(observations: Observations, levels: dict[Level, list[int]]) -> dict[str, list[float]]:
    """The points at which curves are drawn: `CURVE_POINTS` lengths, evenly spaced in the logarithm, for every level."""
    low, high = min(observations.prompt_tokens), max(observations.prompt_tokens)
    prompts = _spaced(low, high, CURVE_POINTS)
    points: dict[str, list[float]] = {"training_compute_flops": [], "prompt_tokens": [], "context_limit_tokens": []}
    for compute, limit in levels:
        points["training_compute_flops"] += [compute] * CURVE_POINTS
        points["prompt_tokens"] += prompts
        points["context_limit_tokens"] += [limit] * CURVE_POINTS if limit else []
    return points


def draw(observations: Observations, levels: dict[Level, list[int]], curves: PredictResponse, title: str) -> Any:
    """Draws scores, curves and bands, one panel per model level. Returns a matplotlib Figure.

    Raises:
        ImportError: matplotlib is not installed.
    """
    columns = min(4, len(levels))
    lines = math.ceil(len(levels) / columns)
    figure = _new_figure(3.2 * columns, 2.6 * lines + 0.4)
    axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    found = curves.predictions
    for panel, ((compute, limit), rows) in enumerate(levels.items()):
        axis = axes[panel // columns][panel % columns]
        at = slice(panel * CURVE_POINTS, (panel + 1) * CURVE_POINTS)
        prompts = list(found.prompt_tokens)[at]
        if found.mean_lower:
            withheld = list(found.band_withheld)[at] or [False] * CURVE_POINTS
            known = [d and not w for d, w in zip(list(found.determined)[at], withheld, strict=True)]
            lower, upper = list(found.mean_lower)[at], list(found.mean_upper)[at]
            axis.fill_between(prompts, lower, upper, where=known, alpha=0.3, color="#0072b2", linewidth=0)
        axis.plot(prompts, list(found.score)[at], color="#0072b2")
        scores = [observations.score[row] for row in rows]
        axis.plot([observations.prompt_tokens[row] for row in rows], scores, ".", color="#d55e00", markersize=4)
        if limit:
            axis.axvline(limit, color="0.6", linestyle=":", linewidth=1)
        name = observations.model[rows[0]] if observations.model else ""
        limit_text = f", limit {limit:,.0f}" if limit else ""
        axis.set_title((f"{name}\n" if name else "") + f"{compute:.3g} FLOP{limit_text}", fontsize=8)
        axis.set_xscale("log")
    for spare in range(len(levels), lines * columns):
        axes[spare // columns][spare % columns].set_axis_off()
    figure.supxlabel("prompt length, tokens")
    figure.supylabel("score")
    if title:
        figure.suptitle(title)
    return figure


def _new_figure(width: float, height: float) -> Any:
    return importlib.import_module("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")


def _spaced(low: float, high: float, count: int) -> list[float]:
    """Numbers from low to high, evenly spaced in the logarithm."""
    step = math.log(high / low) / (count - 1)
    return [low * math.exp(i * step) for i in range(count)]


def contour_axes(fit: FitMessage) -> tuple[list[float], list[float]]:
    """Computes and prompt lengths of a map: the observed ranges, and computes up to 10 times the largest one."""
    seen = fit.observed_ranges
    shortest = seen.prompt_tokens_min
    computes = _spaced(seen.compute_flops_min, 10 * seen.compute_flops_max, CONTOUR_STEPS)
    return computes, _spaced(shortest, max(seen.prompt_tokens_max, 2 * shortest), CONTOUR_STEPS)


def draw_contours(computes: list[float], prompts: list[float], found: PredictResponse, title: str) -> Any:
    """Draws the score over compute and prompt length; extrapolation is hatched, what is not determined is grey.

    Args:
        computes: Training computes, in FLOP, `CONTOUR_STEPS` of them.
        prompts: Prompt lengths, in tokens, as many.
        found: Predictions, compute by compute.
        title: Title.

    Raises:
        ImportError: matplotlib is not installed.
    """
    figure = _new_figure(6.4, 4.8)
    axis = figure.subplots()
    rows = [slice(i * len(prompts), (i + 1) * len(prompts)) for i in range(len(computes))]
    predictions = found.predictions
    known = [
        [score if is_known else math.nan for score, is_known in zip(scores, determined, strict=True)]
        for scores, determined in ((predictions.score[row], predictions.determined[row]) for row in rows)
    ]
    beyond = [[float(value) for value in predictions.extrapolated[row]] for row in rows]
    axis.set_facecolor("0.85")
    if any(value == value for row in known for value in row):
        filled = axis.contourf(prompts, computes, known, levels=12, cmap="viridis")
        figure.colorbar(filled, label="score")
    if any(value for row in beyond for value in row):
        axis.contourf(prompts, computes, beyond, levels=[0.5, 1.5], colors="none", hatches=["///"])
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("prompt length, tokens")
    axis.set_ylabel("training compute, FLOP")
    axis.set_title(title, fontsize=9)
    figure.supxlabel("hatched: outside the data; grey: not determined by them", fontsize=7)
    return figure


def draw_backtest(backtest: Backtest) -> Any:
    """Draws held-out means over their predictions: a panel for the law, with bands, and one for each baseline.

    Raises:
        ImportError: matplotlib is not installed.
    """
    folds = [fold for fold in backtest.folds if fold.means]
    names = ["law", *(each.name for each in backtest.baselines)]
    figure = _new_figure(3.0 * len(names), 3.4)
    axes = figure.subplots(1, len(names), sharex=True, sharey=True, squeeze=False)[0]
    means = [mean for fold in folds for mean in fold.means]
    for panel, (axis, name) in enumerate(zip(axes, names, strict=True)):
        predicted = [mean.law if panel == 0 else mean.baselines[panel - 1] for mean in means]
        if panel == 0:
            banded = [mean for mean in means if mean.HasField("lower") and mean.HasField("upper")]
            axis.hlines(
                [mean.score for mean in banded],
                [mean.lower for mean in banded],
                [mean.upper for mean in banded],
                color="#0072b2",
                alpha=0.4,
                linewidth=1,
            )
        axis.plot(predicted, [mean.score for mean in means], ".", color="#0072b2" if panel == 0 else "#d55e00")
        axis.axline((0, 0), slope=1, color="0.6", linewidth=1, linestyle=":")
        axis.set_title(name, fontsize=9)
    low = min(mean.score for mean in means)
    high = max(mean.score for mean in means)
    margin = 0.1 * (high - low) or 0.05
    axes[0].set_xlim(low - margin, high + margin)
    axes[0].set_ylim(low - margin, high + margin)
    figure.supxlabel("predicted score of held-out rows", fontsize=9)
    figure.supylabel("observed", fontsize=9)
    title = backtest.verdict.sentence if backtest.HasField("verdict") else backtest.task
    if title:
        figure.suptitle(title, fontsize=8)
    return figure


def to_svg(figure: Any) -> str:
    """The figure as an SVG element."""
    out = io.StringIO()
    figure.savefig(out, format="svg")
    text = out.getvalue()
    return text[text.index("<svg") :]


def level_counts(observations: Observations, response: FitResponse) -> dict[str, int]:
    """Number of model levels with fitted rows, by task."""
    return {fit.task: len(levels_of(observations, fit.task)) for fit in response.fits}
