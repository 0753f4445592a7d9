"""What the tests of the package share."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "data"

# What differs from run to run: durations, and what is computed from them.
_TIMES = re.compile(r'"(duration|candidate_records_per_second)": [^,\n]*')


def without_times(text: str) -> str:
    """JSON without what the clock decides."""
    return _TIMES.sub("", text)


def command_line(*arguments: str) -> str:
    """Runs ctxfit. Returns what it prints."""
    command = [os.environ["CTXFIT"], *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def rows() -> dict[str, list[float]]:
    """Twelve rows at three computes, the data of proto/README.md."""
    return {
        "training_compute_flops": [1e22] * 4 + [4e22] * 4 + [2e23] * 4,
        "prompt_tokens": [50, 200, 800, 3200] * 3,
        "context_limit_tokens": [4096] * 12,
        "score": [
            0.07,
            0.15,
            0.24,
            0.33,
            0.11,
            0.22,
            0.37,
            0.49,
            0.16,
            0.32,
            0.54,
            0.71,
        ],
    }
