"""The environment that the peers run in: build/bench-venv, with the packages of requirements.txt."""

import filecmp
import os
import pathlib
import shutil
import subprocess
import sys
import venv

BENCH = pathlib.Path(__file__).resolve().parents[1]
ROOT = BENCH.parents[1]
VENV = ROOT / "build" / "bench-venv"
PYTHON = VENV / "bin" / "python"
os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / "build" / "pycache")


def install():
    """Puts the peers' packages where they are missing; one that cannot be installed is left out."""
    requirements, stamp = BENCH / "requirements.txt", VENV / "requirements.txt"
    if stamp.exists() and filecmp.cmp(requirements, stamp, shallow=False):
        return
    print("Installing the Python packages of tests/bench/requirements.txt", file=sys.stderr)
    venv.create(VENV, with_pip=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", requirements]
    for package in requirements.read_text().split():
        if subprocess.run([*pip, "--only-binary", ":all:", package]).returncode != 0:
            print(f"could not install {package}", file=sys.stderr)
    shutil.copy(requirements, stamp)


def enter():
    """Goes on with this script in that environment, unless it runs there."""
    if VENV.exists() and VENV.samefile(sys.prefix):
        return
    install()
    # Python finds its environment by the whole path of its binary.
    os.execv(PYTHON, [PYTHON, *sys.argv])


def hide_gpus():
    """Hides the GPUs from every process that this one starts: JAX and Torch would take one."""
    os.environ.update(CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu")
