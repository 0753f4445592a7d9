"""Results: fits, comparisons, ablations."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ctxfit import _plot, _requests
from ctxfit._errors import InvalidArgumentError
from ctxfit._frames import Library, preferred_library
from ctxfit._json import read_fit_response, to_json
from ctxfit._observations import Input
from ctxfit._options import uses_limits, uses_prompts
from ctxfit._progress import ShowProgress
from ctxfit._report import html_report, text_report
from ctxfit._requests import Frontier, Numbers, Rows
from ctxfit.v1.ablation_pb2 import AblateResponse
from ctxfit.v1.backtest_pb2 import BacktestResponse
from ctxfit.v1.comparison_pb2 import CompareResponse
from ctxfit.v1.fitting_service_pb2 import FitResponse
from ctxfit.v1.options_pb2 import FitOptions

if TYPE_CHECKING:
    from ctxfit._client import AsyncClient, Client

FitType = TypeVar("FitType", bound="BaseFit")


@dataclass(frozen=True)
class Source:
    """What a fit was made from."""

    read: Input
    options: FitOptions


class BaseFit:
    """One law per task, fitted to scored evaluations; what `Fit` and `AsyncFit` share.

    `str()` of it is the report that `ctxfit fit` prints; in a notebook it is a table.

    Attributes:
        proto: The answer of the service, `ctxfit.v1.FitResponse`, whose proto documents every field.
        library: The frame library of what methods return.
    """

    def __init__(self, proto: FitResponse, library: Library, source: Source | None = None) -> None:
        """Wraps an answer; `source` is None if the rows are not known."""
        self.proto = proto
        self.library: Library = library
        self._source = source

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, ordered; [""] if the rows name none."""
        return [fit.task for fit in self.proto.fits]

    @property
    def converged(self) -> bool:
        """True if every task's fit converged."""
        return all(fit.refinement.converged for fit in self.proto.fits)

    @property
    def notes(self) -> list[str]:
        """What to know before trusting the fit, in plain words: about the frame, then about each task.

        The first one of a task says whether the law or a straight line predicts held-out model levels better, where
        there are enough of them.
        """
        notes = list(self._source.read.notes) if self._source else []
        for fit in self.proto.fits:
            prefix = f"{fit.task}: " if len(self.proto.fits) > 1 else ""
            verdict = fit.held_out_levels.verdict.sentence
            notes += [prefix + note for note in (verdict, *fit.diagnostics.warnings) if note]
        return notes

    @property
    def estimates(self) -> Any:
        """A frame with a row per task and parameter.

        Columns: task; name; unit; value; standard_error, lower and upper (of the bootstrap); sandwich_standard_error,
        sandwich_lower, sandwich_upper (cluster-robust); profile_lower, profile_upper; fixed; identified; reason (why
        there is no interval). A number is missing where there is none.
        """
        return _requests.to_frame(self.library, _requests.estimate_rows(self.proto.fits))

    def to_json(self) -> str:
        """The JSON that `ctxfit fit --format json` prints, to the bit."""
        return to_json(self.proto)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes what `ctxfit fit --out` writes, to the bit; `load` and `ctxfit predict` read it."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    def __str__(self) -> str:
        """The report of the command line.

        Its heading counts model levels only where the rows are known, which they are not for a loaded fit.

        Raises:
            UnavailableError: `ctxfit` is neither in the package nor on PATH.
        """
        return text_report(self.proto, self._level_counts())

    def __repr__(self) -> str:
        """Tasks, and whether they converged."""
        tasks = ", ".join(fit.task or "one task" for fit in self.proto.fits)
        return f"<ctxfit fit of {tasks}, {'converged' if self.converged else 'not converged'}>"

    def _level_counts(self) -> dict[str, int]:
        return _plot.level_counts(self._source.read.observations, self.proto) if self._source else {}

    def _known(self, what: str) -> Source:
        if self._source is None:
            raise InvalidArgumentError(f"{what}: the rows of a loaded fit are not known: fit them again")
        return self._source

    def _one(self, task: str | None) -> FitResponse:
        """The fit of one task; of the only one if none is named."""
        if task is None and len(self.proto.fits) == 1:
            return self.proto
        found = [fit for fit in self.proto.fits if fit.task == task]
        if not found:
            there_are = ", ".join(f'"{name}"' for name in self.tasks)
            raise InvalidArgumentError(f"task = {task!r}: must be one of {there_are}")
        return FitResponse(fits=found)

    def _select(self: FitType, task: str) -> FitType:
        chosen = object.__new__(type(self))
        chosen.__dict__.update(self.__dict__)
        chosen.proto = self._one(task)
        return chosen

    def __getitem__(self: FitType, task: str) -> FitType:
        """The fit of one task.

        Raises:
            InvalidArgumentError: There is no such task.
        """
        return self._select(task)


def load_response(path: str | os.PathLike[str]) -> FitResponse:
    """Reads a file that `save` or `ctxfit fit --out` wrote."""
    return read_fit_response(Path(path).read_text(encoding="utf-8"), os.fspath(path))


class Fit(BaseFit):
    """One law per task, fitted to scored evaluations, with the calls that start from it.

    See `BaseFit` for what it holds.
    """

    def __init__(
        self, proto: FitResponse, client: Client, library: Library | None = None, source: Source | None = None
    ) -> None:
        """Wraps an answer; `client` is asked by the methods."""
        super().__init__(proto, library or preferred_library(), source)
        self._client = client

    def predict(
        self,
        points: Any = None,
        *,
        compute: Numbers = None,
        prompt: Numbers = None,
        context: Numbers = None,
        columns: Mapping[str, str] | None = None,
        confidence: float | None = None,
        simultaneous: bool = False,
        new_mean: int | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Predicts expected scores: see `Client.predict`."""
        return self._client.predict(
            self,
            points,
            compute=compute,
            prompt=prompt,
            context=context,
            columns=columns,
            confidence=confidence,
            simultaneous=simultaneous,
            new_mean=new_mean,
            timeout=timeout,
        )

    def solve(
        self,
        target: Numbers,
        *,
        prompt: Numbers = None,
        compute: Numbers = None,
        context: Numbers = None,
        budget: float | None = None,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Solves for the compute, or the prompt lengths, that reach a score: see `Client.solve`."""
        return self._client.solve(
            self,
            target,
            prompt=prompt,
            compute=compute,
            context=context,
            budget=budget,
            confidence=confidence,
            timeout=timeout,
        )

    def evaluate(
        self,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Errors on rows that were not fitted: see `Client.evaluate`."""
        return self._client.evaluate(
            self,
            frame,
            columns=columns,
            compute=compute,
            score_scale=score_scale,
            confidence=confidence,
            timeout=timeout,
        )

    def ablate(self, *, folds: int | None = None, timeout: float | None = None) -> Ablation:
        """Fits the rows of this fit without parts of the law: see `Client.ablate`.

        Raises:
            InvalidArgumentError: The fit was loaded, so its rows are not known.
        """
        return self._client.ablate_source(self._known("ablate"), folds, timeout)

    def backtest(
        self,
        *,
        by: Any = None,
        frontier: Frontier | None = None,
        cuts: Numbers = None,
        progress: ShowProgress = None,
        timeout: float | None = None,
    ) -> Backtest:
        """Predicts rows of this fit by fits that did not see them: see `Client.backtest`.

        Args:
            by: A label per row: rows of one label are held out together.
            frontier: As in `Client.backtest`.
            cuts: As in `Client.backtest`.
            progress: As in `Client.fit`.
            timeout: Seconds until DeadlineExceededError; the client's by default.

        Raises:
            InvalidArgumentError: The fit was loaded, so its rows are not known; or an argument breaks a rule.
        """
        source = self._known("backtest")
        return self._client.backtest_source(source, None, by, frontier, cuts, progress, timeout)

    def compare(
        self,
        group: Any,
        *,
        compute: Numbers = None,
        prompt: Numbers = None,
        context: Numbers = None,
        timeout: float | None = None,
    ) -> Comparison:
        """Compares two groups of the rows of this fit: see `Client.compare`.

        Args:
            group: A label per row, of two different ones; None or "" if a row takes no part.
            compute: Training computes at which to compare predictions, in FLOP.
            prompt: Prompt lengths, in tokens, or as "4k".
            context: Context limits, in tokens, or as "128K".
            timeout: Seconds until DeadlineExceededError; the client's by default.

        Raises:
            InvalidArgumentError: The fit was loaded, so its rows are not known; or there are not two groups.
        """
        axes = {"compute": compute, "prompt": prompt, "context": context}
        return self._client.compare_source(self._known("compare"), group, axes, timeout)

    def plot(self, task: str | None = None, *, title: str = "") -> Any:
        """Draws scores, the law and its band by matplotlib, a panel per model level (16 at most).

        The band ends where there is none: the data do not determine the score, or the law drifts there.

        Args:
            task: Task to draw; the only one by default.
            title: Title of the picture.

        Returns:
            A `matplotlib.figure.Figure`.

        Raises:
            ImportError: matplotlib is not installed.
            InvalidArgumentError: The fit was loaded, so its rows are not known; or has several tasks.
        """
        source = self._known("plot")
        response = self._one(task)
        observations = source.read.observations
        if len(observations.prompt_tokens) == 0 or len(set(observations.prompt_tokens)) == 1:
            raise InvalidArgumentError("plot: draws scores over prompt lengths, of which there must be two")
        levels = _plot.drawn_levels(observations, response.fits[0].task)
        curves = self._client.predict_points(response.fits[0], _plot.curve_points(observations, levels))
        return _plot.draw(observations, levels, curves, title or response.fits[0].task)

    def plot_contours(self, context: float | str | None = None, task: str | None = None) -> Any:
        """Draws the score over training compute and prompt length by matplotlib.

        Computes reach from the smallest one of the data to 10 times the largest. What lies outside the data is hatched,
        and what they do not determine is grey.

        Args:
            context: Context limit, in tokens, or as "128K"; by default the largest one of the rows, where these are
                known.
            task: Task to draw; the only one by default.

        Returns:
            A `matplotlib.figure.Figure`.

        Raises:
            ImportError: matplotlib is not installed.
            InvalidArgumentError: The law does not use prompt lengths, the fit has several tasks, or `context` is
                missing.
        """
        fit = self._one(task).fits[0]
        if not uses_prompts(fit.provenance.options):
            raise InvalidArgumentError("plot_contours: the law of the fit does not use prompt lengths")
        computes, prompts = _plot.contour_axes(fit)
        limits = _requests.number_list(context, "context")
        if uses_limits(fit.provenance.options) and not limits:
            if self._source is None:
                raise InvalidArgumentError("context is required: the law of the fit uses it")
            limits = [max(self._source.read.observations.context_limit_tokens)]
        points: Rows = {
            "training_compute_flops": [compute for compute in computes for _ in prompts],
            "prompt_tokens": prompts * len(computes),
            "context_limit_tokens": limits[:1] * (len(computes) * len(prompts)),
        }
        title = ", ".join([fit.task] * bool(fit.task) + [f"context limit {limit:,.0f} tokens" for limit in limits[:1]])
        return _plot.draw_contours(computes, prompts, self._client.predict_points(fit, points), title)

    def _repr_html_(self) -> str:
        """A table per task with notes, and the picture where matplotlib is installed and the rows are known."""
        picture = ""
        try:
            if self._source is not None and len(self.proto.fits) == 1:
                picture = _plot.to_svg(self.plot())
        except (ImportError, InvalidArgumentError):
            picture = ""
        return html_report(self.proto, self.notes, picture)


class AsyncFit(BaseFit):
    """What `AsyncClient.fit` returns: `Fit` with coroutines. See `BaseFit` for what it holds."""

    def __init__(
        self, proto: FitResponse, client: AsyncClient, library: Library | None = None, source: Source | None = None
    ) -> None:
        """Wraps an answer; `client` is asked by the methods."""
        super().__init__(proto, library or preferred_library(), source)
        self._client = client

    async def predict(
        self,
        points: Any = None,
        *,
        compute: Numbers = None,
        prompt: Numbers = None,
        context: Numbers = None,
        columns: Mapping[str, str] | None = None,
        confidence: float | None = None,
        simultaneous: bool = False,
        new_mean: int | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Predicts expected scores: see `Client.predict`."""
        return await self._client.predict(
            self,
            points,
            compute=compute,
            prompt=prompt,
            context=context,
            columns=columns,
            confidence=confidence,
            simultaneous=simultaneous,
            new_mean=new_mean,
            timeout=timeout,
        )

    async def solve(
        self,
        target: Numbers,
        *,
        prompt: Numbers = None,
        compute: Numbers = None,
        context: Numbers = None,
        budget: float | None = None,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Solves for the compute, or the prompt lengths, that reach a score: see `Client.solve`."""
        return await self._client.solve(
            self,
            target,
            prompt=prompt,
            compute=compute,
            context=context,
            budget=budget,
            confidence=confidence,
            timeout=timeout,
        )

    async def evaluate(
        self,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Errors on rows that were not fitted: see `Client.evaluate`."""
        return await self._client.evaluate(
            self,
            frame,
            columns=columns,
            compute=compute,
            score_scale=score_scale,
            confidence=confidence,
            timeout=timeout,
        )

    async def ablate(self, *, folds: int | None = None, timeout: float | None = None) -> Ablation:
        """Fits the rows of this fit without parts of the law: see `Fit.ablate`."""
        return await self._client.ablate_source(self._known("ablate"), folds, timeout)

    async def backtest(
        self,
        *,
        by: Any = None,
        frontier: Frontier | None = None,
        cuts: Numbers = None,
        progress: ShowProgress = None,
        timeout: float | None = None,
    ) -> Backtest:
        """Predicts rows of this fit by fits that did not see them: see `Fit.backtest`."""
        source = self._known("backtest")
        return await self._client.backtest_source(source, None, by, frontier, cuts, progress, timeout)

    async def compare(
        self,
        group: Any,
        *,
        compute: Numbers = None,
        prompt: Numbers = None,
        context: Numbers = None,
        timeout: float | None = None,
    ) -> Comparison:
        """Compares two groups of the rows of this fit: see `Fit.compare`."""
        axes = {"compute": compute, "prompt": prompt, "context": context}
        return await self._client.compare_source(self._known("compare"), group, axes, timeout)

    def _repr_html_(self) -> str:
        """A table per task with notes."""
        return html_report(self.proto, self.notes, "")


class _Answer:
    def __init__(self, library: Library) -> None:
        self._library: Library = library

    def _frame(self, rows: Rows) -> Any:
        return _requests.to_frame(self._library, rows)


class Ablation(_Answer):
    """The law with and without its parts.

    Attributes:
        proto: The answer of the service, `ctxfit.v1.AblateResponse`.
    """

    def __init__(self, proto: AblateResponse, library: Library) -> None:
        """Wraps an answer."""
        super().__init__(library)
        self.proto = proto

    @property
    def variants(self) -> Any:
        """A frame with a row per task and variant of the law.

        Columns: task; variant; fitted_count; mae and rmse of the fitted rows; aic_difference, bic_difference (above 0
        if the full law is the better one); held_out_mae, held_out_rmse, held_out_bias over the folds.
        """
        return self._frame(_requests.ablation_rows(self.proto))

    def to_json(self) -> str:
        """The JSON that `ctxfit ablate --format json` prints, to the bit."""
        return to_json(self.proto)


class Backtest(_Answer):
    """How well the law, and straight lines, predict rows that they were not fitted to.

    Attributes:
        proto: The answer of the service, `ctxfit.v1.BacktestResponse`.
    """

    def __init__(self, proto: BacktestResponse, library: Library) -> None:
        """Wraps an answer."""
        super().__init__(library)
        self.proto = proto

    @property
    def verdicts(self) -> list[str]:
        """A sentence per task on whether the law or a straight line predicts better; none where folds do not tell."""
        prefix = len(self.proto.backtests) > 1
        return [
            (f"{each.task}: " if prefix else "") + each.verdict.sentence
            for each in self.proto.backtests
            if each.HasField("verdict")
        ]

    @property
    def errors(self) -> Any:
        """A frame with a row per task and predictor, the law first, over all folds.

        Columns: task; predictor; records, mae, rmse, bias (predicted less observed) over single rows; octave_means,
        octave_mae, octave_rmse over means of rows of one model level and octave of prompt length, the ones to read for
        0/1 scores.
        """
        return self._frame(_requests.backtest_error_rows(self.proto))

    @property
    def folds(self) -> Any:
        """A frame with a row per task and fold.

        Columns: task; what is held out: training_compute_flops (FLOP) and context_limit_tokens of a model level, group,
        or cut (FLOP or tokens; rows at or above it); fitted_count; held_out_count; mae, rmse, bias, octave_mae of the
        law; means_inside_band of means_with_band; reason (why the fold was not fitted).
        """
        return self._frame(_requests.fold_rows(self.proto))

    @property
    def means(self) -> Any:
        """A frame with a row per task, fold and held-out mean over an octave of prompt length.

        Columns: task, fold (counted from 0, the row of `folds` of that task), training_compute_flops, prompt_tokens,
        context_limit_tokens, records, score (observed), value (predicted by the law), lower, upper, kind ("mean"),
        compute_distance and prompt_distance from the fitted range (in natural logarithms), and a column per baseline.
        """
        return self._frame(_requests.held_out_mean_rows(self.proto))

    def to_json(self) -> str:
        """The JSON that `ctxfit backtest --format json` prints, to the bit."""
        return to_json(self.proto)

    def plot_backtest(self, task: str | None = None) -> Any:
        """Draws held-out means over their predictions, with bands, for the law and the straight lines.

        Args:
            task: Task to draw; the only one by default.

        Returns:
            A `matplotlib.figure.Figure`.

        Raises:
            ImportError: matplotlib is not installed.
            InvalidArgumentError: There is no such task, several and none is named, or no fold was fitted.
        """
        found = [each for each in self.proto.backtests if task is None or each.task == task]
        if len(found) != 1:
            names = ", ".join(f'"{each.task}"' for each in self.proto.backtests)
            raise InvalidArgumentError(f"task = {task!r}: must be one of {names}")
        if not found[0].fitted_count:
            raise InvalidArgumentError(f"no fold was fitted: {found[0].folds[0].reason if found[0].folds else 'none'}")
        return _plot.draw_backtest(found[0])


class Comparison(_Answer):
    """Two groups of rows: a law each, and one law for both. Differences are the second group's less the first's.

    Attributes:
        proto: The answer of the service, `ctxfit.v1.CompareResponse`.
    """

    def __init__(self, proto: CompareResponse, library: Library) -> None:
        """Wraps an answer."""
        super().__init__(library)
        self.proto = proto

    @property
    def groups(self) -> tuple[str, str]:
        """Labels of the first and the second group."""
        return self.proto.first_group, self.proto.second_group

    @property
    def parameters(self) -> Any:
        """A frame with a row per task and parameter.

        Columns: task, name, first, second, value (second - first), standard_error, lower, upper, reason.
        """
        return self._frame(_requests.parameter_difference_rows(self.proto))

    @property
    def predictions(self) -> Any:
        """A frame with a row per task and point that was asked for.

        Columns: task, training_compute_flops, prompt_tokens, context_limit_tokens, first, second, value (second -
        first), lower, upper, domain ("observed", "extrapolated" or "not determined").
        """
        return self._frame(_requests.prediction_difference_rows(self.proto))

    @property
    def tests(self) -> Any:
        """A frame with a row per task and test of one law for both groups.

        Columns: task, test ("wald", the one to trust with clusters, or "f"), statistic, numerator_degrees,
        denominator_degrees, p_value, reason.
        """
        return self._frame(_requests.test_rows(self.proto))

    def to_json(self) -> str:
        """The JSON that `ctxfit compare --format json` prints, to the bit."""
        return to_json(self.proto)
