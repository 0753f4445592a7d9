"""The package's own ctxfitd: one per process, on a loopback port, which ends when the process ends."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ctxfit._errors import UnavailableError

# Runs in a process of its own and becomes ctxfitd. The kernel kills it once the thread that started it has ended
# (PR_SET_PDEATHSIG), however that came; the check covers an end before the call.
_BECOME_SERVER = """
import ctypes, os, signal, sys
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
if os.getppid() != int(sys.argv[1]):
    sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""
_PATIENCE_S = 60


def find_program(name: str) -> str:
    """Path of `ctxfit` or `ctxfitd`: by the environment variable CTXFIT or CTXFITD, in the package, or on PATH.

    Raises:
        UnavailableError: It is at none of these.
    """
    variable = name.upper()
    chosen = os.environ.get(variable)
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise UnavailableError(f"{variable} = {chosen!r}: must be the path of an executable {name}")
        return chosen
    packaged = Path(__file__).parent / "bin" / name
    if os.access(packaged, os.X_OK):
        return str(packaged)
    found = shutil.which(name)
    if found is None:
        raise UnavailableError(
            f"{name} is neither in the package nor on PATH: name it by the environment variable {variable}"
            + (', or call a service by ctxfit.Client("HOST:PORT")' if name == "ctxfitd" else "")
        )
    return found


class _Engine:
    """Starts ctxfitd when it is first needed, and again if it has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._address = ""

    def address(self) -> str:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._address

    def stop(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()  # it holds nothing that would be lost
                self._process.wait()
            self._process = None

    def _start(self) -> None:
        with tempfile.TemporaryDirectory(prefix="ctxfit-") as folder, tempfile.TemporaryFile() as log:
            port_file = Path(folder) / "port"
            server = [find_program("ctxfitd"), "--listen", "127.0.0.1:0", "--port-file", str(port_file)]
            server += ["--grace", "0", "--log-level", "error", "--self-check", "0"]
            server += ["--max-cpu-seconds", "1e9", "--max-deadline", "1e6"]  # `timeout` is the caller's to choose
            python = sys.executable or shutil.which("python3") or "python3"
            command = [python, "-I", "-S", "-c", _BECOME_SERVER, str(os.getpid()), *server]
            process = _start_in_lasting_thread(command, log.fileno())
            deadline = time.monotonic() + _PATIENCE_S
            while not port_file.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    process.kill()
                    log.seek(0)
                    said = log.read()[-1000:].decode("utf-8", "replace").strip()
                    raise UnavailableError(f"{server[0]} did not start: {said or f'exit code {process.wait()}'}")
                time.sleep(0.005)
            self._address = f"127.0.0.1:{int(port_file.read_text())}"
            self._process = process


def _start_in_lasting_thread(command: list[str], log: int) -> subprocess.Popen[bytes]:
    """Starts a process from a thread that lasts as long as this process.

    To the kernel the parent that must not end is the thread. The caller's may end long before its process.
    """
    started = threading.Event()
    result: list[subprocess.Popen[bytes] | OSError] = []

    def start_and_stay() -> None:
        try:
            result.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        except OSError as error:
            result.append(error)
        started.set()
        if isinstance(result[0], subprocess.Popen):
            threading.Event().wait()

    threading.Thread(target=start_and_stay, name="ctxfit-engine", daemon=True).start()
    started.wait()
    if isinstance(result[0], OSError):
        raise UnavailableError(f"{command[0]} cannot be started: {result[0]}")
    return result[0]


_engine = _Engine()


def _forget_parents_engine() -> None:
    # It belongs to the process that forked. The lock may have been held there, so it is new, too.
    global _engine
    _engine = _Engine()


def address() -> str:
    """HOST:PORT of this process's own ctxfitd, which is started if it does not run.

    Raises:
        UnavailableError: There is no ctxfitd, or it did not start.
    """
    return _engine.address()


def stop() -> None:
    """Ends this process's own ctxfitd, if it runs. The next call starts another one."""
    _engine.stop()


os.register_at_fork(after_in_child=_forget_parents_engine)
atexit.register(stop)
