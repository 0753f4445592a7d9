"""The CUDA backend's machine code, its resources as ptxas states them, and how its sources launch it."""

import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCES = ROOT / "kernels/backend/cuda"
BUILD = ROOT / "build/gpu-resources"
LIBRARY = BUILD / "kernels/backend/cuda/libctxfit_backend_cuda.a"
RESOURCES = ROOT / "tests/gpu/RESOURCES.txt"

INSTRUCTION = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(?:@(!?U?P\w+)\s+)?([A-Z][\w.]*)\s*(.*?)\s*;")


class Instruction(NamedTuple):
    address: int
    guard: str  # the predicate, as in P0 or !P0, or nothing
    opcode: str
    operands: str

    @property
    def base(self):
        return self.opcode.split(".")[0]


class Resources(NamedTuple):
    registers: int
    shared_bytes: int
    stack_bytes: int


class Launch(NamedTuple):
    threads: int
    dynamic: bool  # whether it is launched with shared memory besides


def fail(message):
    sys.exit(f"tests/gpu/instructions: {message}")


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def demangle(names):
    """Names as RESOURCES.txt has them, by mangled name: with template arguments, which may begin with a cast, and without
    parameters."""
    lines = run("c++filt", *names).replace("(anonymous namespace)::", "").splitlines()
    bare = [re.sub(r"^([^<(]*)\(.*|>\(.*\)$", lambda found: found[1] or ">", line) for line in lines]
    return dict(zip(names, bare, strict=True))


def find_disassembler():
    prefix = os.environ.get("CTXFIT_CUDA_PREFIX", ROOT / "build/cuda-toolkit")
    path = os.pathsep.join([os.environ["PATH"], f"{prefix}/toolkit/bin", "/usr/local/cuda/bin"])
    return shutil.which("cuobjdump", path=path) or fail("no cuobjdump: deploy/install --cuda provides one")


def build():
    """Brings the build of tests/gpu/resources up to date."""
    incremental = ["cmake", "--build", BUILD, "--target", "ctxfit_backend_cuda"]
    command = incremental if (BUILD / "build.ninja").exists() else [ROOT / "tests/gpu/resources"]
    subprocess.run(command, check=True, stdout=sys.stderr)


def disassemble():
    """The instructions of every kernel of the build, by its mangled name, without those of Thrust."""
    text = run(find_disassembler(), "-sass", LIBRARY)
    if set(re.findall(r"^arch = (\w+)", text, re.MULTILINE)) != {"sm_90"}:
        fail("the build is not of compute capability 9.0 alone: run tests/gpu/resources first")
    kernels = {}
    for part in re.split(r"^\s*Function : ", text, flags=re.MULTILINE)[1:]:
        code = [Instruction(int(address, 16), *rest) for address, *rest in INSTRUCTION.findall(part)]
        kernels[part.split("\n", 1)[0].strip()] = code
    return {name: code for name, code in kernels.items() if not re.search(r"\d(cub|thrust)\d", name)}


def read_resources():
    """Registers, shared memory and stack of each kernel, by its name without parameters."""
    resources = {}
    for line in RESOURCES.read_text().splitlines():
        name, text = re.fullmatch(r"(.*?): (\d+ registers, .*)", line).groups()
        amounts = [re.search(pattern, text) for pattern in (r"(\d+) registers", r"(\d+) bytes smem", r"(\d+) bytes stack")]
        resources[name] = Resources(*(int(amount[1]) if amount else 0 for amount in amounts))
    return resources


def read_constants():
    """The constants of the backend that are written as whole numbers or products of such."""
    text = "\n".join(path.read_text() for path in sorted(SOURCES.glob("*.[ch]*")))
    pairs = re.findall(r"constexpr [\w:]+ (k\w+) = (\d[\d *]*);", text)
    return {name: math.prod(int(factor) for factor in value.split("*")) for name, value in pairs}


def read_launches(constants):
    """Launches whose shape is a variable beside the call, by the kernel's name without namespace and arguments."""
    launches = {}
    for path in sorted(SOURCES.glob("*.cu")):
        text = path.read_text()
        for launch in re.finditer(r'Launch\(\s*"(\w+)",\s*\w+,\s*(\w+),', text):
            shapes = re.findall(rf"LaunchShape {launch[2]} = \{{(.*)\}};", text[: launch.start()])
            if shapes:
                _, threads, shared, _ = shapes[-1].rsplit(", ", 3)
                launches[launch[1]] = Launch(constants[threads], shared != "0")
    return launches
