"""The package's answers are those of the command line, to the bit."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import ctxfit
import pandas as pd
import pytest
from conftest import DATA, command_line, without_times

CASES = [
    ("yarn_inverse_perplexity.csv", ["--penalty-onset", "1.3", "--penalty-width", "10%"],
     {"penalty_onset": 1.3, "penalty_width": "10%"}),
    ("manyshot_banking77_runs.csv", ["--no-penalty", "--resample", "two-way", "--floor", "banking77_icl=0.01"],
     {"penalty": False, "resample": "two-way", "floor": {"banking77_icl": 0.01}}),
    ("natural_questions_shots.csv", ["--loss", "huber", "--seed", "7", "--bound", "compute_exponent=0:1"],
     {"loss": "huber", "seed": 7, "bounds": {"compute_exponent": (0, 1)}}),
    ("ruler.csv", ["--no-penalty", "--no-context-factor", "--profile", "--interval", "bca"],
     {"penalty": False, "context_factor": False, "profile": True, "interval": "bca"}),
]  # fmt: skip
REPLICATES = ("--replicates", "100")


@pytest.mark.parametrize(("file", "flags", "options"), CASES, ids=[case[0] for case in CASES])
def test_a_fit_and_its_file_equal_the_command_lines(
    file: str, flags: list[str], options: ctxfit.Options, tmp_path: Path
) -> None:
    by_command = tmp_path / "command.json"
    command_line(
        "fit",
        str(DATA / file),
        *flags,
        *REPLICATES,
        "--quiet",
        "--out",
        str(by_command),
    )
    fit = ctxfit.fit(pd.read_csv(DATA / file), replicates=100, **options)
    fit.save(tmp_path / "package.json")
    expected = by_command.read_text()
    assert without_times((tmp_path / "package.json").read_text()) == without_times(expected)
    assert ctxfit.load(by_command).to_json() == expected


def test_the_report_is_what_the_command_line_prints(tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    printed = command_line(
        "fit",
        str(DATA / "yarn_inverse_perplexity.csv"),
        *CASES[0][1],
        *REPLICATES,
        "--quiet",
        "--out",
        str(path),
    )
    fit = ctxfit.load(path)
    heading, rest = printed.split("\n", 1)
    assert str(fit).split("\n", 1)[1] == rest
    # A file does not hold the number of model levels, and a fit of rows knows it.
    fitted = str(
        ctxfit.fit(
            pd.read_csv(DATA / "yarn_inverse_perplexity.csv"),
            replicates=100,
            **CASES[0][2],
        )
    )
    assert fitted.split("\n", 1)[0] == heading


def test_model_levels_of_show_are_one_for_each_fit(rows: dict[str, list[float]], tmp_path: Path) -> None:
    ctxfit.fit(rows, replicates=0).save(tmp_path / "fit.json")
    assert command_line("show", str(tmp_path / "fit.json"), "--model-levels", "3").startswith(
        "Fit: 12 records, 3 model levels, converged"
    )
    with pytest.raises(subprocess.CalledProcessError) as caught:
        command_line("show", str(tmp_path / "fit.json"), "--model-levels", "3,4")
    assert "--model-levels: has 2 numbers: must have one for each of 1 fits" in caught.value.stderr


def test_numbers_of_frames_are_those_of_the_command_lines_json(tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    frame = pd.read_csv(DATA / "yarn_inverse_perplexity.csv")
    ctxfit.fit(frame, replicates=100, **CASES[0][2]).save(path)
    fit = ctxfit.load(path)
    points = {"compute": [1.52e23, 8.2e23], "prompt": ["8k", 128000], "context": "128K"}
    flags = [
        "--compute",
        "1.52e23,8.2e23",
        "--prompt",
        "8192,128000",
        "--context",
        "131072",
    ]
    expected = json.loads(command_line("predict", str(path), *flags, "--format", "json"))["predictions"]
    predicted = fit.predict(**points)
    assert predicted["value"].tolist() == expected["score"]
    assert predicted["lower"].tolist() == expected["mean_lower"]
    assert predicted["upper"].tolist() == expected["mean_upper"]
    assert predicted["prompt_tokens"].tolist() == [8192, 128000] * 2

    flags = [
        "--target",
        "0.4,0.6",
        "--prompt",
        "16000",
        "--context",
        "65536",
        "--budget",
        "8e23",
    ]
    solutions = json.loads(command_line("solve", str(path), *flags, "--format", "json"))["solutions"]
    solved = fit.solve([0.4, 0.6], prompt=16000, context=65536, budget=8e23)
    assert solved["outcome"].tolist() == ["reached", "not reachable"]
    assert solved["value"][0] == solutions[0]["least"]["value"]
    assert solved["lower"][0] == solutions[0]["least"]["lower"]
    assert solved["highest_score"][1] == solutions[1]["highest_score"]["value"]
    assert solved["budget_probability"].tolist() == [each["budget_probability"] for each in solutions]


def test_ablation_comparison_and_evaluation_equal_the_command_lines(
    tmp_path: Path,
) -> None:
    file = str(DATA / "natural_questions_shots.csv")
    frame = pd.read_csv(file)
    fit = ctxfit.fit(frame, replicates=100)
    ablated = command_line("ablate", file, "--quiet", "--format", "json")
    assert without_times(ctxfit.ablate(frame).to_json()) == without_times(ablated)

    first = sorted(set(frame["model"]))[0]
    flags = ["--quiet", *REPLICATES, "--a", f'model == "{first}"', "--format", "json"]
    compared = command_line("compare", file, *flags)
    labels = ["a" if model == first else "b" for model in frame["model"]]
    assert without_times(fit.compare(labels).to_json()) == without_times(compared)
    assert without_times(ctxfit.compare(frame, labels, replicates=100).to_json()) == without_times(compared)

    for flags, options in (
        ([], {}),
        (["--by", "model"], {"by": list(frame["model"])}),
        (["--frontier", "prompt", "--cut", "1000,4000"], {"frontier": "prompt", "cuts": [1000, 4000]}),
    ):
        backtested = command_line("backtest", file, "--quiet", "--replicates", "20", *flags, "--format", "json")
        found = ctxfit.backtest(frame, replicates=20, **options)
        assert without_times(found.to_json()) == without_times(backtested), flags
        assert len(found.folds) == sum(len(each.folds) for each in found.proto.backtests)
        assert found.errors["predictor"][0] == "law"

    fit.save(tmp_path / "fit.json")
    expected = json.loads(command_line("evaluate", str(tmp_path / "fit.json"), file, "--format", "json"))[
        "evaluations"
    ][0]["all"]
    evaluated = fit.evaluate(frame)
    assert evaluated["rows"][0] == "all"
    assert evaluated["rmse"][0] == expected["rmse"]


def test_odd_names_are_written_as_the_command_line_writes_them(rows: dict[str, list[float]], tmp_path: Path) -> None:
    names = [
        'a "quoted" \\ name',
        "<tag> & é ¬ \u2028 \ufeff \x7f",
        "tab\there \x01",
        "\U0001f600 \U000e0001",
        "",
    ]
    for name in names:
        fit = ctxfit.fit({**rows, "task": [name] * 12}, replicates=0)
        fit.save(tmp_path / "fit.json")
        shown = command_line("show", str(tmp_path / "fit.json"))
        assert shown.startswith(f"{name or 'Fit'}: 12 records")
        assert ctxfit.load(tmp_path / "fit.json").tasks == [name]
