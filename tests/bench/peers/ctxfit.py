"""ctxfit's own runs: the engine on CPU and GPU, the command line and the service, by the binaries of a build."""

import json
import os
import pathlib
import subprocess
import time

CROSSED = 786000
COUNTS = ("cost", "converged_replicates", "evaluations")


def simulate(build, records, path):
    crossed = ["--crossed"] if records == CROSSED else []
    command = [build / "bin/ctxfit", "simulate", "--records", str(records), "--seed", "1", "--out", path, *crossed]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def benchmark(program, pattern, arguments):
    """Runs of the benchmarks whose name begins with a pattern, every time in seconds; or with an error's message."""
    command = [program, *arguments, "--benchmark_format=json", f"--benchmark_filter=^{pattern}(/|$)"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    runs = [run for run in json.loads(output)["benchmarks"] if run["run_type"] == "iteration"]
    for run in runs:
        run["seconds"] = run.get("real_time", 0) / 1e3
    return runs


def without_errors(runs):
    for run in runs:
        if run.get("error_occurred"):
            raise SystemExit(f"{run['name']}: {run['error_message']}")
    return runs


def service_benchmark(build, pattern, calls=1, address=()):
    """Repetitions in random order."""
    arguments = [*address, f"--benchmark_repetitions={calls}", "--benchmark_enable_random_interleaving=true"]
    return without_errors(benchmark(build / "bin/service_benchmark", pattern, arguments))


def engine(build, records, replicates):
    """One fit by the engine, from columns in memory."""
    [run] = service_benchmark(build, f"BM_Engine/{records}/{replicates}")
    return {"seconds": run["seconds"], **{name: run[name] for name in COUNTS}}


def engine_again(build, records, replicates, count):
    """Times of so many fits by the engine, one after the other in one process, whose first one finds no memory kept."""
    runs = service_benchmark(build, f"BM_Engine/{records}/{replicates}", count)
    return [run["seconds"] for run in runs]


def gpu_benchmark(build, pattern):
    """Rates and sizes, as Google Benchmark repeats them; each with its arguments by their names."""
    runs = benchmark(build / "bin/gpu_benchmark", pattern, [])
    for run in runs:
        parts = [part.split(":") for part in run["name"].split("/") if ":" in part]
        run["arguments"] = {name: int(value) for name, value in parts}
    return runs


def gpu_fits(build, records, replicates, cuda, count):
    """Times `count` fits in one process, from columns in memory, after one that loads the kernels."""
    pattern = f"BM_Fit/records:{records}/replicates:{replicates}/cuda:{cuda:d}"
    once_each = ["--benchmark_min_time=0.001", f"--benchmark_repetitions={count}"]
    return without_errors(benchmark(build / "bin/gpu_benchmark", pattern, once_each))


def command_line(build, path, replicates):
    """`ctxfit fit` of a file, as a process: its time and its peak resident memory."""
    command = [build / "bin/ctxfit", "fit", path, "--backend", "cpu", "--quiet", "--replicates", str(replicates)]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"ctxfit fit ended with status {status}")
    return {"seconds": time.perf_counter() - begin, "peak_memory_bytes": usage.ru_maxrss * 1024}


class Service:
    """A ctxfitd on a free port of loopback, for as long as the context lasts."""

    def __init__(self, build, folder):
        self.build = build
        self.port_file = pathlib.Path(folder) / "port"

    def __enter__(self):
        arguments = ["--listen", "127.0.0.1:0", "--port-file", self.port_file, "--log-level", "error"]
        self.process = subprocess.Popen([self.build / "bin/ctxfitd", *arguments])
        while not self.port_file.exists():
            if self.process.poll() is not None:
                raise SystemExit(f"ctxfitd ended with status {self.process.returncode}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def address(self):
        return f"127.0.0.1:{self.port_file.read_text().strip()}"

    def calls(self, pattern, count):
        return service_benchmark(self.build, pattern, count, [self.address()])

    def calls_per_second(self, records, replicates, callers):
        """Rates with so many callers at a time, each with one call after the other."""
        pattern = f"BM_Callers/{records}/{replicates}/real_time/threads:{callers}"
        arguments = [self.address(), "--benchmark_min_time=2", "--benchmark_repetitions=5"]
        runs = without_errors(benchmark(self.build / "bin/service_benchmark", pattern, arguments))
        return {"records": records, "callers": callers, "rates": [run["calls"] for run in runs]}
