"""Fits the context-aware scaling law of arXiv 2510.14919 to scored evaluations.

    import ctxfit
    fit = ctxfit.fit(frame, columns={"score": "acc"}, compute=("params", "tokens"))
    print(fit)
    fit.predict(compute=8e23, prompt=["8k", "128k"], context="128K")

`fit`, `load`, `backtest`, `ablate` and `compare` use the package's own ctxfitd, which runs on a loopback port as long
as this process does. `Client("HOST:PORT")` and `AsyncClient` have the same calls for a service. `ctxfit.v1` is the
contract's generated code.
"""

from ctxfit._client import AsyncClient, Client, ablate, backtest, compare, fit, load
from ctxfit._connection import Retry
from ctxfit._errors import (
    AbortedError,
    AlreadyExistsError,
    CancelledError,
    CtxfitError,
    DataLossError,
    DeadlineExceededError,
    FailedPreconditionError,
    FieldViolation,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnauthenticatedError,
    UnavailableError,
    UnimplementedError,
    UnknownError,
)
from ctxfit._options import Options
from ctxfit._results import Ablation, AsyncFit, Backtest, BaseFit, Comparison, Fit

__version__ = "0.1.0"

__all__ = [
    "Ablation",
    "AbortedError",
    "AlreadyExistsError",
    "AsyncClient",
    "AsyncFit",
    "Backtest",
    "BaseFit",
    "CancelledError",
    "Client",
    "Comparison",
    "CtxfitError",
    "DataLossError",
    "DeadlineExceededError",
    "FailedPreconditionError",
    "FieldViolation",
    "Fit",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "Options",
    "OutOfRangeError",
    "PermissionDeniedError",
    "ResourceExhaustedError",
    "Retry",
    "UnauthenticatedError",
    "UnavailableError",
    "UnimplementedError",
    "UnknownError",
    "__version__",
    "ablate",
    "backtest",
    "compare",
    "fit",
    "load",
]
