"""Progress of a fit, shown by tqdm where it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from types import TracebackType

from ctxfit.v1.fitting_service_pb2 import FitPhase, Progress

ShowProgress = bool | Callable[[Progress], None] | None
"""True or False: a bar or none; None: a bar on a terminal and in a notebook; or a function that gets each message."""


def _has_viewer() -> bool:
    return sys.stderr.isatty() or "ipykernel" in sys.modules


class ProgressView:
    """Shows progress while a fit runs; a context manager."""

    def __init__(self, show: ShowProgress) -> None:
        """Opens no bar before the first message."""
        self._function = show if callable(show) else None
        wants_bar = show is True or (show is None and _has_viewer())
        self._makes_bar = self._function is None and wants_bar and importlib.util.find_spec("tqdm") is not None
        self._bar: object = None

    def __enter__(self) -> ProgressView:
        """Does nothing."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the bar."""
        if self._bar is not None:
            self._bar.close()  # type: ignore[attr-defined]

    def __call__(self, progress: Progress) -> None:
        """Shows one message."""
        if self._function is not None:
            self._function(progress)
            return
        if not self._makes_bar:
            return
        if self._bar is None:
            form = "{desc} {percentage:3.0f}%|{bar}| {elapsed}"
            self._bar = importlib.import_module("tqdm.auto").tqdm(total=1.0, bar_format=form, leave=False)
        step = FitPhase.Name(progress.phase).removeprefix("FIT_PHASE_").lower()
        bar: object = self._bar
        bar.set_description_str(f"{progress.task}: {step}" if progress.task else step, refresh=False)  # type: ignore[attr-defined]
        bar.update(progress.fraction - bar.n)  # type: ignore[attr-defined]
