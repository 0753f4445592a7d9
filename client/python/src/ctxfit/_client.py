"""Clients of a ctxfitd, and functions that use the process's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

import grpc

from ctxfit import _requests
from ctxfit._connection import STREAM_BACKTEST, STREAM_FIT, AsyncConnection, Connection, Retry
from ctxfit._errors import InvalidArgumentError
from ctxfit._frames import Library
from ctxfit._observations import read_groups, read_observations
from ctxfit._options import Options, make_options, uses_limits, uses_prompts
from ctxfit._progress import ProgressView, ShowProgress
from ctxfit._requests import Frontier, Numbers, Rows
from ctxfit._results import Ablation, AsyncFit, Backtest, BaseFit, Comparison, Fit, Source, load_response
from ctxfit.v1.ablation_pb2 import AblateRequest
from ctxfit.v1.backtest_pb2 import BacktestRequest
from ctxfit.v1.comparison_pb2 import CompareRequest
from ctxfit.v1.fit_pb2 import Fit as FitMessage
from ctxfit.v1.fitting_service_pb2 import StreamFitRequest
from ctxfit.v1.planning_service_pb2 import PredictResponse

if TYPE_CHECKING:
    from typing_extensions import Unpack


def _source(
    frame: Any,
    columns: Mapping[str, str] | None,
    compute: tuple[str, str] | None,
    hold_out: Any,
    score_scale: float,
    options: Mapping[str, Any],
) -> Source:
    message = make_options(options)
    read = read_observations(
        frame,
        columns=columns,
        compute=compute,
        hold_out=hold_out,
        score_scale=score_scale,
        needs_prompts=uses_prompts(message),
        needs_limits=uses_limits(message),
    )
    return Source(read, message)


def _ablate_request(source: Source, folds: int | None) -> AblateRequest:
    request = AblateRequest(observations=source.read.observations, options=source.options)
    if folds is not None:
        request.folds = folds
    return request


def _compare_request(source: Source, groups: list[str], axes: Mapping[str, Numbers]) -> CompareRequest:
    request = CompareRequest(observations=source.read.observations, group=groups, options=source.options)
    values = {name: _requests.number_list(axes[name], name) for name in ("compute", "prompt", "context")}
    needed = ["compute"] + ["prompt"] * uses_prompts(source.options) + ["context"] * uses_limits(source.options)
    if not any(values.values()):
        return request
    if not all(values[name] for name in needed):
        raise InvalidArgumentError(f"{', '.join(needed)}: must be given together, or none of them")
    for flops in values["compute"]:
        for limit in _requests.or_once(values["context"]):
            for prompt in _requests.or_once(values["prompt"]):
                request.points.training_compute_flops.append(flops)
                if limit is not None:
                    request.points.context_limit_tokens.append(limit)
                if prompt is not None:
                    request.points.prompt_tokens.append(prompt)
    return request


def _backtest_request(source: Source, frame: Any, by: Any, frontier: Frontier | None, cuts: Numbers) -> BacktestRequest:
    group = None if by is None else read_groups(frame, by, len(source.read.observations.training_compute_flops))
    return _requests.backtest_request(source.read, source.options, group, frontier, cuts)


class _BaseClient:
    def __init__(self, address: str | None, timeout: float | None) -> None:
        if address is not None and not isinstance(address, str):
            raise TypeError(f"address = {address!r}: must be HOST:PORT as text, or None")
        self.address = address
        self.timeout = timeout

    def _limit(self, timeout: float | None) -> float | None:
        chosen = self.timeout if timeout is None else timeout
        if chosen is not None and not chosen > 0:
            raise InvalidArgumentError(f"timeout = {chosen!r}: must be > 0 seconds")
        return chosen


class Client(_BaseClient):
    """Calls a ctxfitd, and waits for its answers. Safe to share between threads, and to use after a fork.

    Args:
        address: HOST:PORT of a service. None starts the package's own ctxfitd on a loopback port at the first call; all
            clients of a process share it, and it ends with the process, also when that is killed.
        timeout: Seconds that each call may take, retries included; None for no limit.
        retry: How often failed calls are repeated.
        credentials: Credentials of a secure channel, such as `grpc.ssl_channel_credentials()`; None for an insecure
            one.

    Errors of every method are subclasses of `CtxfitError`, one per status code of gRPC.
    """

    def __init__(
        self,
        address: str | None = None,
        *,
        timeout: float | None = None,
        retry: Retry | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Opens nothing yet."""
        super().__init__(address, timeout)
        self._connection = Connection(address, credentials, retry or Retry())

    def close(self) -> None:
        """Closes the connection; the process's own ctxfitd runs on."""
        self._connection.close()

    def __enter__(self) -> Client:
        """Returns the client."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        self.close()

    def fit(
        self,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        hold_out: Any = None,
        score_scale: float = 1,
        progress: ShowProgress = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Fit:
        """Fits one law per task to scored evaluations.

        Columns of the frame, a row per score (order and index play no part): `training_compute_flops` (FLOP, > 0),
        `prompt_tokens` and `context_limit_tokens` (tokens, > 0; numbers, or text such as "4k" and "128K", where K is
        1024), `score` (in [0, 1]); optional: `weight` (> 0), `score_variance`, `cluster` (rows that err together),
        `cluster_2`, `task` (a law each), `model`. A column of the law's own only need be there if the law uses it.

        Args:
            frame: A frame of pandas, polars, pyarrow or DuckDB, a dict of arrays, or anything with
                `__arrow_c_stream__`.
            columns: Name in the frame, by name above, where they differ, as {"score": "acc"}.
            compute: Columns of parameters and of training tokens; training compute is 6 x parameters x tokens.
            hold_out: Column of flags, or a flag per row: rows that are not fitted, but predicted and evaluated.
            score_scale: Highest possible score, by which scores are divided: 100 for percentages.
            progress: Whether a bar is shown (by tqdm): by default on a terminal and in notebooks; or a function that
                gets every `ctxfit.v1.Progress`.
            timeout: Seconds until DeadlineExceededError; the client's by default.
            **options: See `Options`.

        Returns:
            The fit. One that did not converge is a result, too: `Fit.converged`.

        Raises:
            InvalidArgumentError: The frame or an option breaks a rule; names column, row, value and rule.
            FailedPreconditionError: The service lacks the backend.
            ResourceExhaustedError: The queue is full, or the frame too large.
            DeadlineExceededError: `timeout` is over.
            UnavailableError: There is no service.
        """
        source = _source(frame, columns, compute, hold_out, score_scale, options)
        request = StreamFitRequest(observations=source.read.observations, options=source.options)
        with ProgressView(progress) as view:
            last = self._connection.stream(STREAM_FIT, request, self._limit(timeout), source.read.columns, view)
        return Fit(last.result, self, source.read.library, source)

    def load(self, path: str | os.PathLike[str], *, library: Library | None = None) -> Fit:
        """Reads a fit that `Fit.save` or `ctxfit fit --out` wrote.

        Args:
            path: The file.
            library: Frame library of what methods return; by default the first one that is installed of pandas, polars
                and pyarrow, or else "dict".

        Raises:
            OSError: The file cannot be read.
            InvalidArgumentError: It is no such file.
        """
        return Fit(load_response(path), self, library)

    def predict(
        self,
        fit: BaseFit,
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
        """Predicts expected scores with bands, at points or at every combination of compute, context and prompt.

        Args:
            fit: The fit.
            points: A frame with a row per point, with those of the columns `training_compute_flops`, `prompt_tokens`
                and `context_limit_tokens` that the law uses. At most 1,000,000 points.
            compute: Training computes, in FLOP.
            prompt: Prompt lengths, in tokens, or as "4k" (K is 1024).
            context: Context limits, in tokens, or as "128K".
            columns: Names of the columns of `points`, where they differ.
            confidence: Coverage of the bands, in (0, 1); the fit's by default.
            simultaneous: True adds a band that covers all points at once.
            new_mean: Number of items of a new evaluation run, >= 1: adds the interval of its mean score.
            timeout: Seconds until DeadlineExceededError; the client's by default.

        Returns:
            A frame of the library of `points`, or of the fit, with a row per task, kind of band and point, in the order
            of the points or, on a grid, compute by compute, then context, then prompt. Columns: task,
            training_compute_flops, prompt_tokens, context_limit_tokens, value (the expected score), lower, upper, kind
            ("mean", "simultaneous", "new mean"), domain ("observed", "extrapolated", "not determined"). `lower` and
            `upper` are missing without replicates, where the score is not determined, and where the law drifts outside
            the data.

        Raises:
            InvalidArgumentError: An argument breaks a rule, or one that the law uses is missing.
        """
        axes = {"compute": compute, "prompt": prompt, "context": context}
        rows: Rows = {}
        given, library = (
            (None, fit.library) if points is None else _requests.point_columns(points, columns, fit.proto.fits)
        )
        for each in fit.proto.fits:
            request = _requests.predict_request(each, given, axes, confidence, simultaneous, new_mean)
            response = self._connection.call(_requests.PREDICT, request, self._limit(timeout))
            _requests.prediction_rows(each.task, response, rows)
        return _requests.to_frame(library, rows)

    def predict_points(self, fit: FitMessage, points: Rows) -> PredictResponse:
        """Predicts at points, of one task, and returns the service's answer."""
        axes: Mapping[str, Numbers] = {"compute": None, "prompt": None, "context": None}
        request = _requests.predict_request(fit, points, axes, None, False, None)
        return self._connection.call(_requests.PREDICT, request, self._limit(None))

    def solve(
        self,
        fit: BaseFit,
        target: Numbers,
        *,
        prompt: Numbers = None,
        compute: Numbers = None,
        context: Numbers = None,
        budget: float | None = None,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Solves for the training compute that reaches a score or, where compute is given, for the prompt lengths.

        Args:
            fit: The fit.
            target: Scores to reach, in (0, 1).
            prompt: Prompt lengths, in tokens, or as "4k".
            compute: Training computes, in FLOP.
            context: Context limits, in tokens, or as "128K".
            budget: A compute in FLOP, or a prompt length in tokens: adds the probability that it reaches the target.
            confidence: Coverage of the intervals, in (0, 1); the fit's by default.
            timeout: Seconds until DeadlineExceededError; the client's by default.

        Returns:
            A frame with a row per task, target, context and given value; for prompt lengths two, the shortest and the
            longest. Columns: task, target_score, training_compute_flops, prompt_tokens, context_limit_tokens, value,
            lower, upper, kind ("training compute" in FLOP, "shortest prompt" and "longest prompt" in tokens), domain,
            outcome ("reached", "not reachable", "not determined"), highest_score, budget, budget_probability.

        Raises:
            InvalidArgumentError: An argument breaks a rule, or one that the law uses is missing.
        """
        rows: Rows = {}
        for each in fit.proto.fits:
            request = _requests.solve_request(each, target, prompt, compute, context, budget, confidence)
            response = self._connection.call(_requests.SOLVE, request, self._limit(timeout))
            _requests.solution_rows(each.task, response, compute is not None, rows)
        return _requests.to_frame(fit.library, rows)

    def evaluate(
        self,
        fit: BaseFit,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Errors of a fit on rows that it was not fitted to, each task against its own law.

        Args:
            fit: The fit.
            frame: Rows as `fit` takes them.
            columns: As in `fit`.
            compute: As in `fit`.
            score_scale: As in `fit`.
            confidence: Coverage of the bands, in (0, 1); the fit's by default.
            timeout: Seconds until DeadlineExceededError; the client's by default.

        Returns:
            A frame with a row per task and group of rows. Columns: task, rows ("all", "within limit", "beyond limit",
            "model"), model, records, mae, rmse, bias (predicted less observed).

        Raises:
            InvalidArgumentError: The frame breaks a rule, or has a task without a fit.
        """
        request, read = _requests.evaluate_request(fit.proto.fits, frame, columns, compute, score_scale, confidence)
        response = self._connection.call(_requests.EVALUATE, request, self._limit(timeout), read.columns)
        return _requests.to_frame(read.library, _requests.evaluation_rows(response))

    def ablate(
        self,
        frame: Any,
        *,
        folds: int | None = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Ablation:
        """Fits the law with and without penalty and context factor, and cross-validates each.

        Args:
            frame: As in `fit`.
            folds: Folds of the cross-validation; 5 by default, or fewer where a task has fewer clusters; 0 for none.
            columns: As in `fit`.
            compute: As in `fit`.
            score_scale: As in `fit`.
            timeout: Seconds until DeadlineExceededError; the client's by default.
            **options: See `Options`.

        Raises:
            InvalidArgumentError: The frame or an option breaks a rule; names column, row, value and rule.
        """
        return self.ablate_source(_source(frame, columns, compute, None, score_scale, options), folds, timeout)

    def ablate_source(self, source: Source, folds: int | None, timeout: float | None) -> Ablation:
        """Does what `ablate` does with rows that were read before."""
        request = _ablate_request(source, folds)
        response = self._connection.call(_requests.ABLATE, request, self._limit(timeout), source.read.columns)
        return Ablation(response, source.read.library)

    def backtest(
        self,
        frame: Any,
        *,
        by: Any = None,
        frontier: Frontier | None = None,
        cuts: Numbers = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        progress: ShowProgress = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Backtest:
        """Predicts rows by fits that did not see them, fold by fold, beside a constant and straight lines.

        Each fold is a full fit, with 200 replicates by default. Without `by` and `frontier` it holds out a model level,
        a pair of compute and context limit.

        Args:
            frame: As in `fit`.
            by: A column, or a label per row: rows of one label are held out together.
            frontier: "compute", "prompt" or "context": rows at or above a cut are predicted from those below.
            cuts: Where the frontier runs: computes in FLOP, or lengths in tokens, which may be text as "8k"; at most
                64. By default up to 8 places.
            columns: As in `fit`.
            compute: As in `fit`.
            score_scale: As in `fit`.
            progress: As in `fit`.
            timeout: Seconds until DeadlineExceededError; the client's by default.
            **options: See `Options`.

        Raises:
            InvalidArgumentError: The frame or an option breaks a rule; names column, row, value and rule.
        """
        source = _source(frame, columns, compute, None, score_scale, options)
        return self.backtest_source(source, frame, by, frontier, cuts, progress, timeout)

    def backtest_source(
        self,
        source: Source,
        frame: Any,
        by: Any,
        frontier: Frontier | None,
        cuts: Numbers,
        progress: ShowProgress,
        timeout: float | None,
    ) -> Backtest:
        """Does what `backtest` does with rows that were read before; `frame` is None if only those are known."""
        request = _backtest_request(source, frame, by, frontier, cuts)
        with ProgressView(progress) as view:
            last = self._connection.stream(STREAM_BACKTEST, request, self._limit(timeout), source.read.columns, view)
        return Backtest(last.result, source.read.library)

    def compare(
        self,
        frame: Any,
        group: Any,
        *,
        points: Mapping[str, Numbers] | None = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Comparison:
        """Fits two groups of rows, and tests whether one law holds for both.

        Args:
            frame: As in `fit`.
            group: A column of two labels, or a label per row; rows without one take no part.
            points: Points at which to compare predictions: every combination of "compute" (FLOP), "prompt" and
                "context" (tokens), by name.
            columns: As in `fit`.
            compute: As in `fit`.
            score_scale: As in `fit`.
            timeout: Seconds until DeadlineExceededError; the client's by default.
            **options: See `Options`.

        Raises:
            InvalidArgumentError: The frame or an option breaks a rule, or there are not two groups.
        """
        source = _source(frame, columns, compute, None, score_scale, options)
        rows = len(source.read.observations.training_compute_flops)
        groups = read_groups(frame, group, rows)
        return self.compare_source(source, groups, _axes(points), timeout)

    def compare_source(
        self, source: Source, group: Any, axes: Mapping[str, Numbers], timeout: float | None
    ) -> Comparison:
        """Does what `compare` does with rows that were read before."""
        groups = read_groups(None, group, len(source.read.observations.training_compute_flops))
        request = _compare_request(source, groups, axes)
        response = self._connection.call(_requests.COMPARE, request, self._limit(timeout), source.read.columns)
        return Comparison(response, source.read.library)


def _axes(points: Mapping[str, Numbers] | None) -> dict[str, Numbers]:
    given = dict(points or {})
    unknown = set(given) - {"compute", "prompt", "context"}
    if unknown:
        raise InvalidArgumentError(f'points: {sorted(unknown)} must be "compute", "prompt" or "context"')
    return {name: given.get(name) for name in ("compute", "prompt", "context")}


class AsyncClient(_BaseClient):
    """`Client` with coroutines; the arguments are the same. Cancelling a task cancels its call on the server."""

    def __init__(
        self,
        address: str | None = None,
        *,
        timeout: float | None = None,
        retry: Retry | None = None,
        credentials: grpc.ChannelCredentials | None = None,
    ) -> None:
        """Opens nothing yet."""
        super().__init__(address, timeout)
        self._connection = AsyncConnection(address, credentials, retry or Retry())

    async def close(self) -> None:
        """Closes the connection; the process's own ctxfitd runs on."""
        await self._connection.close()

    async def __aenter__(self) -> AsyncClient:
        """Returns the client."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the connection."""
        await self.close()

    async def fit(
        self,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        hold_out: Any = None,
        score_scale: float = 1,
        progress: ShowProgress = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> AsyncFit:
        """Fits one law per task to scored evaluations: see `Client.fit`."""
        source = _source(frame, columns, compute, hold_out, score_scale, options)
        request = StreamFitRequest(observations=source.read.observations, options=source.options)
        with ProgressView(progress) as view:
            last = await self._connection.stream(STREAM_FIT, request, self._limit(timeout), source.read.columns, view)
        return AsyncFit(last.result, self, source.read.library, source)

    def load(self, path: str | os.PathLike[str], *, library: Library | None = None) -> AsyncFit:
        """Reads a fit that was saved: see `Client.load`."""
        return AsyncFit(load_response(path), self, library)

    async def predict(
        self,
        fit: BaseFit,
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
        """Predicts expected scores with bands: see `Client.predict`."""
        axes = {"compute": compute, "prompt": prompt, "context": context}
        rows: Rows = {}
        given, library = (
            (None, fit.library) if points is None else _requests.point_columns(points, columns, fit.proto.fits)
        )
        for each in fit.proto.fits:
            request = _requests.predict_request(each, given, axes, confidence, simultaneous, new_mean)
            response = await self._connection.call(_requests.PREDICT, request, self._limit(timeout))
            _requests.prediction_rows(each.task, response, rows)
        return _requests.to_frame(library, rows)

    async def solve(
        self,
        fit: BaseFit,
        target: Numbers,
        *,
        prompt: Numbers = None,
        compute: Numbers = None,
        context: Numbers = None,
        budget: float | None = None,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Solves for training compute or prompt lengths: see `Client.solve`."""
        rows: Rows = {}
        for each in fit.proto.fits:
            request = _requests.solve_request(each, target, prompt, compute, context, budget, confidence)
            response = await self._connection.call(_requests.SOLVE, request, self._limit(timeout))
            _requests.solution_rows(each.task, response, compute is not None, rows)
        return _requests.to_frame(fit.library, rows)

    async def evaluate(
        self,
        fit: BaseFit,
        frame: Any,
        *,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        confidence: float | None = None,
        timeout: float | None = None,
    ) -> Any:
        """Errors of a fit on rows that it was not fitted to: see `Client.evaluate`."""
        request, read = _requests.evaluate_request(fit.proto.fits, frame, columns, compute, score_scale, confidence)
        response = await self._connection.call(_requests.EVALUATE, request, self._limit(timeout), read.columns)
        return _requests.to_frame(read.library, _requests.evaluation_rows(response))

    async def ablate(
        self,
        frame: Any,
        *,
        folds: int | None = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Ablation:
        """Fits the law with and without its parts: see `Client.ablate`."""
        return await self.ablate_source(_source(frame, columns, compute, None, score_scale, options), folds, timeout)

    async def ablate_source(self, source: Source, folds: int | None, timeout: float | None) -> Ablation:
        """Does what `ablate` does with rows that were read before."""
        request = _ablate_request(source, folds)
        response = await self._connection.call(_requests.ABLATE, request, self._limit(timeout), source.read.columns)
        return Ablation(response, source.read.library)

    async def backtest(
        self,
        frame: Any,
        *,
        by: Any = None,
        frontier: Frontier | None = None,
        cuts: Numbers = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        progress: ShowProgress = None,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Backtest:
        """Predicts rows by fits that did not see them: see `Client.backtest`."""
        source = _source(frame, columns, compute, None, score_scale, options)
        return await self.backtest_source(source, frame, by, frontier, cuts, progress, timeout)

    async def backtest_source(
        self,
        source: Source,
        frame: Any,
        by: Any,
        frontier: Frontier | None,
        cuts: Numbers,
        progress: ShowProgress,
        timeout: float | None,
    ) -> Backtest:
        """Does what `backtest` does with rows that were read before."""
        request = _backtest_request(source, frame, by, frontier, cuts)
        with ProgressView(progress) as view:
            last = await self._connection.stream(
                STREAM_BACKTEST, request, self._limit(timeout), source.read.columns, view
            )
        return Backtest(last.result, source.read.library)

    async def compare(
        self,
        frame: Any,
        group: Any,
        *,
        points: Mapping[str, Numbers] | None = None,
        columns: Mapping[str, str] | None = None,
        compute: tuple[str, str] | None = None,
        score_scale: float = 1,
        timeout: float | None = None,
        **options: Unpack[Options],
    ) -> Comparison:
        """Fits two groups of rows and compares them: see `Client.compare`."""
        source = _source(frame, columns, compute, None, score_scale, options)
        groups = read_groups(frame, group, len(source.read.observations.training_compute_flops))
        return await self.compare_source(source, groups, _axes(points), timeout)

    async def compare_source(
        self, source: Source, group: Any, axes: Mapping[str, Numbers], timeout: float | None
    ) -> Comparison:
        """Does what `compare` does with rows that were read before."""
        groups = read_groups(None, group, len(source.read.observations.training_compute_flops))
        request = _compare_request(source, groups, axes)
        response = await self._connection.call(_requests.COMPARE, request, self._limit(timeout), source.read.columns)
        return Comparison(response, source.read.library)


_own = Client()

fit = _own.fit
load = _own.load
ablate = _own.ablate
backtest = _own.backtest
compare = _own.compare
