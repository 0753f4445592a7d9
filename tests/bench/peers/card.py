"""The NVIDIA GPU of this machine: what the driver says of it, how busy it is, and what Nsight Compute counts on it."""

import csv
import ctypes
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import uuid

# Values of CUdevice_attribute.
MULTIPROCESSORS, CLOCK_IN_KILOHERTZ = 16, 13

# Exponentials that a multiprocessor's special-function units take a clock, in every generation from 7.0 to 12.0.
SPECIAL_FUNCTIONS_PER_CLOCK = 16

# Share of the time of an active multiprocessor in which the pipe of those units is issued to.
SPECIAL_FUNCTION_METRIC = "sm__inst_executed_pipe_xu.avg.pct_of_peak_sustained_active"


def not_measured(reason):
    return {"not_measured": reason}


def library(name):
    try:
        return ctypes.CDLL(name)
    except OSError:
        return None


def find():
    """The first GPU that CUDA programs see, or None. By the driver alone: no package and no tool is needed."""
    cuda, count, device = library("libcuda.so.1"), ctypes.c_int(), ctypes.c_int()
    if cuda is None or cuda.cuInit(0) or cuda.cuDeviceGetCount(ctypes.byref(count)) or count.value == 0:
        return None
    cuda.cuDeviceGet(ctypes.byref(device), 0)
    name, identity = ctypes.create_string_buffer(256), ctypes.create_string_buffer(16)
    cuda.cuDeviceGetName(name, len(name), device)
    cuda.cuDeviceGetUuid(identity, device)

    def attribute(number):
        value = ctypes.c_int()
        cuda.cuDeviceGetAttribute(ctypes.byref(value), number, device)
        return value.value

    return {
        "name": name.value.decode(),
        "uuid": f"GPU-{uuid.UUID(bytes=identity.raw)}",
        "multiprocessors": attribute(MULTIPROCESSORS),
        "clock_hz": 1000 * attribute(CLOCK_IN_KILOHERTZ),
    }


def special_function_limit(device):
    """Exponentials per second that no kernel exceeds."""
    return SPECIAL_FUNCTIONS_PER_CLOCK * device["multiprocessors"] * device["clock_hz"]


def special_function_use(command):
    """Utilisation of the special-function units in the first launch of the objective, in percent, by the counters."""
    ncu = shutil.which("ncu", path=os.environ["PATH"] + ":/usr/local/cuda/bin")
    if ncu is None:
        return not_measured("ncu is not installed")
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "ncu.csv"
        one_launch = ["--kernel-name", "regex:ObjectiveKernel", "--launch-count", "1"]
        options = ["--metrics", SPECIAL_FUNCTION_METRIC, *one_launch, "--csv", "--log-file", log]
        subprocess.run([ncu, *options, *command], stdout=subprocess.DEVNULL)
        lines = log.read_text().splitlines() if log.exists() else []
    return read_counters(lines)


def read_counters(lines):
    """The metric from the lines of ncu's log, whose messages begin with ==."""
    rows = csv.DictReader(line for line in lines if line.startswith('"'))
    values = [row["Metric Value"] for row in rows if row["Metric Name"] == SPECIAL_FUNCTION_METRIC]
    try:
        return {"percent": float(values[0])}
    except (IndexError, ValueError):
        errors = [line for line in lines if line.startswith("==ERROR==")]
        return not_measured("ncu: " + (errors[0].removeprefix("==ERROR==").strip() if errors else "no counter read"))


class Utilisation(ctypes.Structure):
    """nvmlUtilization_t: percent of the driver's last sampling period, a sixth of a second to a second."""

    _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]


class Watch:
    """Asks the driver ten times a second, as long as the context lasts, in what share of time some kernel ran."""

    def __init__(self, device):
        self.samples, self.ended = [], threading.Event()
        self.nvml, self.handle = library("libnvidia-ml.so.1"), ctypes.c_void_p()
        if self.nvml is None or self.nvml.nvmlInit_v2():
            self.nvml = None
            return
        self.nvml.nvmlDeviceGetHandleByUUID(device["uuid"].encode(), ctypes.byref(self.handle))

    def __enter__(self):
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def sample(self):
        use = Utilisation()
        while self.nvml and not self.ended.wait(0.1):
            if self.nvml.nvmlDeviceGetUtilizationRates(self.handle, ctypes.byref(use)) == 0:
                self.samples.append((time.time(), use.gpu))

    def busy(self, begin, end):
        """The mean of the samples between two times."""
        within = [percent for at, percent in self.samples if begin <= at <= end]
        if not within:
            return not_measured("the driver's management library tells nothing of this device")
        return {"percent": sum(within) / len(within), "samples": len(within)}
