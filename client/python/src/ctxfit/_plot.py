"""Pictures by matplotlib, which is optional."""

from __future__ import annotations

import importlib
import io
import math
from typing import Any

from ctxfit.v1.fitting_service_pb2 import FitResponse
from ctxfit.v1.observations_pb2 import Observations
from ctxfit.v1.planning_service_pb2 import PredictResponse

CURVE_POINTS = 80
MAX_PANELS = 16

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
    step = math.log(high / low) / (CURVE_POINTS - 1)
    prompts = [low * math.exp(i * step) for i in range(CURVE_POINTS)]
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
    figure_module = importlib.import_module("matplotlib.figure")
    columns = min(4, len(levels))
    lines = math.ceil(len(levels) / columns)
    figure = figure_module.Figure(figsize=(3.2 * columns, 2.6 * lines + 0.4), layout="constrained")
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


def to_svg(figure: Any) -> str:
    """The figure as an SVG element."""
    out = io.StringIO()
    figure.savefig(out, format="svg")
    text = out.getvalue()
    return text[text.index("<svg") :]


def level_counts(observations: Observations, response: FitResponse) -> dict[str, int]:
    """Number of model levels with fitted rows, by task."""
    return {fit.task: len(levels_of(observations, fit.task)) for fit in response.fits}
