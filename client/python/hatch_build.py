"""Makes the package's generated code, ctxfit.v1, by protoc while a wheel is built."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Code of a later protoc is refused by every earlier runtime; that of 3.21 runs on protobuf 4 to 7.
GENERATOR = "libprotoc 3.21."


class GeneratedCode(BuildHookInterface):  # type: ignore[type-arg]
    """Adds ctxfit/v1/*_pb2.py and .pyi to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs protoc (`PROTOC`, or the one on PATH) over proto/, and adds what it writes."""
        root = Path(self.root)
        protos = next((folder for folder in (root / "proto", root / "../../proto") if folder.is_dir()), None)
        if protos is None:
            raise FileNotFoundError(f"{root}: neither proto/ nor ../../proto/ is there")
        protoc = os.environ.get("PROTOC", "protoc")
        if shutil.which(protoc) is None:
            raise FileNotFoundError(f"{protoc}: not found; install protobuf-compiler, or name it by PROTOC")
        found = subprocess.run([protoc, "--version"], check=True, capture_output=True, text=True).stdout.strip()
        if not found.startswith(GENERATOR):
            raise RuntimeError(f"{protoc} is {found}: must be {GENERATOR}*, whose code runs on protobuf 4 to 7")
        self.out = Path(tempfile.mkdtemp(prefix="ctxfit-protoc-"))
        sources = sorted(str(path) for path in (protos / "ctxfit/v1").glob("*.proto"))
        outputs = [f"--python_out={self.out}", f"--pyi_out={self.out}"]
        subprocess.run([protoc, f"-I{protos}", *outputs, *sources], check=True)
        (self.out / "ctxfit/v1/__init__.py").write_text('"""The messages of ctxfit.v1, made by protoc."""\n')
        for path in sorted((self.out / "ctxfit/v1").iterdir()):
            build_data["force_include"][str(path)] = f"ctxfit/v1/{path.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes the temporary folder."""
        shutil.rmtree(self.out)
