"""Reports of a fit: the command line's text, and HTML for notebooks."""

from __future__ import annotations

import subprocess
from html import escape

from ctxfit import _engine
from ctxfit._errors import UnavailableError
from ctxfit._json import to_json
from ctxfit.v1.fit_pb2 import Fit as FitMessage
from ctxfit.v1.fitting_service_pb2 import FitResponse


def text_report(response: FitResponse, level_counts: dict[str, int]) -> str:
    """The report that `ctxfit fit` prints, by the command line itself.

    Args:
        response: The fit.
        level_counts: Number of model levels, the pairs of compute and limit, by task; empty if the rows are not known.

    Raises:
        UnavailableError: There is no `ctxfit`, or it failed.
    """
    command = [_engine.find_program("ctxfit"), "show", "-"]
    if level_counts:
        command += ["--model-levels", ",".join(str(level_counts[fit.task]) for fit in response.fits)]
    done = subprocess.run(command, input=to_json(response).encode(), capture_output=True, check=False)
    if done.returncode != 0:
        raise UnavailableError(f"{command[0]} show: {done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout.decode()


def _number(message: object, name: str) -> str:
    return f"{getattr(message, name):.5g}" if message.HasField(name) else ""  # type: ignore[attr-defined]


def _table(fit: FitMessage) -> str:
    confidence = f"{100 * fit.bootstrap.confidence:g} %"
    head = ("parameter", "value", "std. error", f"{confidence} from", "to", "note")
    lines = ["<tr>" + "".join(f"<th>{escape(name)}</th>" for name in head) + "</tr>"]
    for estimate in fit.estimates:
        note = "fixed" if estimate.fixed else "" if estimate.identified else "not identified"
        note = ": ".join(part for part in (note, estimate.reason) if part)
        cells = [estimate.name, *(_number(estimate, name) for name in ("value", "standard_error", "lower", "upper"))]
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in (*cells, note)) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def html_report(response: FitResponse, notes: list[str], picture: str) -> str:
    """A table per task, its notes, and a picture as SVG ("" for none)."""
    parts = []
    for fit in response.fits:
        state = "converged" if fit.refinement.converged else "NOT CONVERGED"
        parts.append(f"<h4>{escape(fit.task or 'Fit')}: {fit.goodness.record_count:,} records, {state}</h4>")
        parts.append(_table(fit))
    if notes:
        parts.append("<ul>" + "".join(f"<li>{escape(note)}</li>" for note in notes) + "</ul>")
    return "<div>" + "".join(parts) + picture + "</div>"
