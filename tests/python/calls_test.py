"""Calls: errors, retries, cancellation, forks, and a server that ends with its process."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent import futures
from pathlib import Path
from typing import Any

import ctxfit
import grpc
import pandas as pd
import pytest
from conftest import DATA
from ctxfit import _engine
from ctxfit._errors import Details, parse_details
from ctxfit.v1.fitting_service_pb2 import FitResponse, Progress, StreamFitResponse
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration

# A busy machine must not fail a test: this only ends one that hangs.
PATIENCE_S = 120


def wait_until(condition: Any) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(condition())


def is_running(pid: int) -> bool:
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def run_python(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


# The server is started by a thread that ends, which must not end the server.
START = """
import threading, ctxfit
from ctxfit import _engine
rows = {"training_compute_flops": [1e22, 4e22] * 4, "prompt_tokens": [50, 200, 800, 3200] * 2,
        "context_limit_tokens": [4096] * 8, "score": [0.1, 0.2, 0.3, 0.4, 0.15, 0.25, 0.35, 0.45]}
thread = threading.Thread(target=lambda: ctxfit.fit(rows, replicates=0))
thread.start()
thread.join()
ctxfit.fit(rows, replicates=0)
print(_engine._engine._process.pid, flush=True)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, None])
def test_the_server_ends_with_its_process(how: signal.Signals | None) -> None:
    process = run_python(START + ("import time; time.sleep(1000)" if how else ""))
    assert process.stdout is not None
    server = int(process.stdout.readline())
    if how:
        assert is_running(server)
        process.send_signal(how)
    process.wait(PATIENCE_S)
    assert wait_until(lambda: not is_running(server))


def test_a_server_that_has_ended_is_started_again(rows: dict[str, list[float]]) -> None:
    ctxfit.fit(rows, replicates=0)
    process = _engine._engine._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    assert ctxfit.fit(rows, replicates=0).converged
    assert _engine._engine._process is not process


def test_a_forked_process_fits_by_a_server_of_its_own(
    rows: dict[str, list[float]],
) -> None:
    code = (
        START
        + """
import os
parents = _engine._engine._process.pid
codes = []
for i in range(4):
    child = os.fork()
    if child == 0:
        ok = ctxfit.fit(rows, replicates=0).converged and _engine._engine._process.pid != parents
        _engine.stop()
        os._exit(0 if ok else 1)
    codes.append(os.waitpid(child, 0)[1])
ctxfit.fit(rows, replicates=0)
print(codes, flush=True)
"""
    )
    process = run_python(code)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert out.splitlines()[1] == "[0, 0, 0, 0]"


def test_ctrl_c_cancels_the_fit_on_the_server() -> None:
    code = f"""
import os, signal, sys, threading
import ctxfit, pandas as pd
frame = pd.read_csv({str(DATA / "manyshot_banking77_runs.csv")!r})
def interrupt(progress):
    if progress.phase > 1 and not interrupt.done:
        interrupt.done = True
        os.kill(os.getpid(), signal.SIGINT)
interrupt.done = False
try:
    ctxfit.fit(frame, replicates=100000, penalty_width="fit", penalty_onset="fit", progress=interrupt)
except KeyboardInterrupt:
    # The next one is answered although the first has the queue: it was cancelled.
    print("interrupted", ctxfit.fit(frame.head(200), replicates=0).tasks, flush=True)
"""
    out, _ = run_python(code).communicate(timeout=PATIENCE_S)
    assert out.startswith("interrupted")


class Service(grpc.GenericRpcHandler):
    """A service that answers StreamFit with one status after another, and then with a result."""

    def __init__(self, statuses: list[tuple[grpc.StatusCode, bytes]]) -> None:
        """Takes the statuses."""
        self.statuses = statuses
        self.calls = 0
        self.cancelled = threading.Event()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Handles every method alike."""
        return grpc.unary_stream_rpc_method_handler(self.answer)

    def answer(self, request: bytes, context: grpc.ServicerContext) -> Any:
        """One call."""
        self.calls += 1
        if self.statuses:
            code, status = self.statuses.pop(0)
            if status:
                context.set_trailing_metadata((("grpc-status-details-bin", status),))
            context.abort(code, "told to")
        yield StreamFitResponse(progress=Progress(fraction=0.5)).SerializeToString()
        yield StreamFitResponse(result=FitResponse(fits=[{"task": "x"}])).SerializeToString()


@pytest.fixture
def serve() -> Any:
    servers = []

    def start(*statuses: tuple[grpc.StatusCode, bytes]) -> tuple[Service, str]:
        server = grpc.server(futures.ThreadPoolExecutor(4))
        service = Service(list(statuses))
        server.add_generic_rpc_handlers((service,))
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        servers.append(server)
        return service, f"127.0.0.1:{port}"

    yield start
    for server in servers:
        server.stop(None)


def field(number: int, value: bytes) -> bytes:
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


def status_with(*details: AnyMessage) -> bytes:
    """A google.rpc.Status."""
    return b"\x08\x08" + field(2, b"told to") + b"".join(field(3, each.SerializeToString()) for each in details)


def retry_info(seconds: float) -> AnyMessage:
    delay = Duration()
    delay.FromMilliseconds(int(seconds * 1000))
    return AnyMessage(
        type_url="type.googleapis.com/google.rpc.RetryInfo",
        value=field(1, delay.SerializeToString()),
    )


def test_details_are_read_and_broken_ones_passed_over() -> None:
    bad_request = AnyMessage(
        type_url="type.googleapis.com/google.rpc.BadRequest",
        value=field(1, field(1, b"a.b") + field(2, b"must be")),
    )
    error_info = AnyMessage(
        type_url="type.googleapis.com/google.rpc.ErrorInfo",
        value=field(1, b"QUEUE_FULL") + field(2, b"ctxfit"),
    )
    status = status_with(retry_info(1.25), bad_request, error_info)
    assert parse_details(status) == Details(1.25, (ctxfit.FieldViolation("a.b", "must be"),), "QUEUE_FULL")
    for length in range(len(status)):
        parse_details(status[:length])
    assert parse_details(b"\xff" * 9) == Details()


def test_what_passes_is_repeated_and_retry_info_is_obeyed(serve: Any, rows: dict[str, list[float]]) -> None:
    unavailable, exhausted = (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    )
    service, address = serve((unavailable, b""), (exhausted, status_with(retry_info(0.3))))
    begin = time.monotonic()
    fit = ctxfit.Client(address, retry=ctxfit.Retry(pause_s=0.001)).fit(rows)
    assert fit.tasks == ["x"]
    assert service.calls == 3
    assert time.monotonic() - begin >= 0.3


def test_what_does_not_pass_is_not_repeated(serve: Any, rows: dict[str, list[float]]) -> None:
    for code in grpc.StatusCode:
        if code in (grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE):
            continue
        service, address = serve((code, b""))
        with pytest.raises(ctxfit.CtxfitError, match="told to") as caught:
            ctxfit.Client(address).fit(rows)
        assert caught.value.code is code
        assert type(caught.value) is not ctxfit.CtxfitError
        assert service.calls == 1


def test_attempts_and_deadline_end_repeats(serve: Any, rows: dict[str, list[float]]) -> None:
    statuses = [(grpc.StatusCode.UNAVAILABLE, b"")] * 9
    service, address = serve(*statuses)
    with pytest.raises(ctxfit.UnavailableError, match=f"no service at {address}: told to"):
        ctxfit.Client(address, retry=ctxfit.Retry(attempts=3, pause_s=0.001)).fit(rows)
    assert service.calls == 3
    _, address = serve((grpc.StatusCode.RESOURCE_EXHAUSTED, status_with(retry_info(1e6))))
    with pytest.raises(ctxfit.ResourceExhaustedError) as caught:
        ctxfit.Client(address, timeout=PATIENCE_S).fit(rows)
    assert caught.value.retry_delay == 1e6


def test_a_deadline_names_the_timeout() -> None:
    frame = pd.read_csv(DATA / "manyshot_banking77_runs.csv")
    with pytest.raises(ctxfit.DeadlineExceededError, match=r"no answer within the 0\.05 s of timeout"):
        ctxfit.fit(
            frame,
            replicates=100000,
            penalty_width="fit",
            penalty_onset="fit",
            timeout=0.05,
        )


class EnoughError(Exception):
    """Ends a fit that would take long."""


def test_progress_reaches_the_caller_whose_error_cancels_the_fit(rows: dict[str, list[float]]) -> None:
    seen: list[float] = []

    def note(progress: Progress) -> None:
        seen.append(progress.fraction)
        if len(seen) == 3:
            raise EnoughError

    frame = pd.read_csv(DATA / "manyshot_banking77_runs.csv")
    with pytest.raises(EnoughError):
        ctxfit.fit(frame, replicates=100000, penalty_width="fit", penalty_onset="fit", progress=note)
    assert seen == sorted(seen)
    assert ctxfit.fit(rows, replicates=0).converged


def test_options_are_checked(rows: dict[str, list[float]]) -> None:
    with pytest.raises(TypeError, match="'replicate' is no option of a fit"):
        ctxfit.fit(rows, replicate=1)  # type: ignore[call-arg]
    with pytest.raises(
        ctxfit.InvalidArgumentError,
        match='loss = \'x\': must be one of "squared", "huber", "bernoulli"',
    ):
        ctxfit.fit(rows, loss="x")  # type: ignore[arg-type]
    with pytest.raises(
        ctxfit.InvalidArgumentError,
        match="penalty_width = 'wide': must be a number of tokens",
    ):
        ctxfit.fit(rows, penalty_width="wide")
    with pytest.raises(ctxfit.InvalidArgumentError, match=r"bootstrap.replicates") as caught:
        ctxfit.fit(rows, replicates=7)
    assert caught.value.reason == "INVALID_REQUEST"
    with pytest.raises(ctxfit.InvalidArgumentError, match="by: excludes frontier"):
        ctxfit.backtest(rows, by=["a", "b"] * 6, frontier="prompt")
    with pytest.raises(ctxfit.InvalidArgumentError, match="cuts: must be given with frontier only"):
        ctxfit.backtest(rows, cuts=100)
    with pytest.raises(ctxfit.InvalidArgumentError, match="frontier = 'x': must be"):
        ctxfit.backtest(rows, frontier="x")  # type: ignore[arg-type]
    fit = ctxfit.fit(rows, replicates=0)
    with pytest.raises(
        ctxfit.InvalidArgumentError,
        match="context is required: the law of the fit uses it",
    ):
        fit.predict(compute=1e22, prompt=100)
    with pytest.raises(
        ctxfit.InvalidArgumentError,
        match="prompt or compute: one of them must be given",
    ):
        fit.solve(0.4, context=4096)


def test_async_calls_answer_the_same_and_are_cancelled(
    rows: dict[str, list[float]],
) -> None:
    expected = ctxfit.fit(rows, replicates=20)
    grid = {"compute": [1e22, 4e22], "prompt": 100, "context": "4k"}

    async def ask() -> None:
        async with ctxfit.AsyncClient() as client:
            fit = await client.fit(rows, replicates=20)
            assert fit.proto.fits[0].parameters == expected.proto.fits[0].parameters
            assert await fit.predict(**grid) == expected.predict(**grid)
            solved = await fit.solve(0.3, prompt=100, context=4096)
            assert solved == expected.solve(0.3, prompt=100, context=4096)
            assert await fit.evaluate(rows) == expected.evaluate(rows)
            assert (await fit.ablate(folds=0)).variants == expected.ablate(folds=0).variants
            labels = ["a", "b"] * 6
            assert (await fit.compare(labels)).parameters == expected.compare(labels).parameters
            assert (await fit.backtest(by=labels)).means == expected.backtest(by=labels).means
            with pytest.raises(ctxfit.InvalidArgumentError, match='column "score", row 0 = 2') as caught:
                await client.fit({**rows, "score": [2.0] * 12})
            assert caught.value.reason == "INVALID_REQUEST"
            frame = pd.read_csv(DATA / "manyshot_banking77_runs.csv")
            started = asyncio.Event()
            task = asyncio.ensure_future(
                client.fit(
                    frame,
                    replicates=100000,
                    penalty_width="fit",
                    progress=lambda _: started.set(),
                )
            )
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await client.fit(rows, replicates=0)).converged

    asyncio.run(ask())


def test_a_picture_shows_every_level_and_html_has_it(
    rows: dict[str, list[float]],
) -> None:
    fit = ctxfit.fit(rows, replicates=20)
    assert len(fit.plot().axes) == 3
    html = fit._repr_html_()
    assert "compute_exponent" in html
    assert "<svg" in html


def test_contours_and_backtests_are_drawn(rows: dict[str, list[float]]) -> None:
    fit = ctxfit.fit(rows, replicates=20)
    assert "context limit 4,096 tokens" in fit.plot_contours().axes[0].get_title()
    assert "context limit 131,072 tokens" in fit.plot_contours("128K").axes[0].get_title()
    titles = [axis.get_title() for axis in fit.backtest().plot_backtest().axes]
    assert titles[0] == "law"
    assert len(titles) == 4
