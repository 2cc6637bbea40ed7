"""A file system of its own in memory, to fill or to make read-only: needs root."""

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

REQUIRED = bool(os.environ.get("BOTLOGS_TESTS_REQUIRE_ROOT"))  # CI sets it where it is root: there nothing skips


@contextmanager
def mounted(folder: Path, *options: str) -> Generator[Path]:
    """Mount a file system at *folder* while the block runs.

    Where this is not allowed the test is skipped, or fails if it is required here.
    """
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", *(f"-o{option}" for option in options), "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode:
        (pytest.fail if REQUIRED else pytest.skip)("mounting a file system needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def remount(folder: Path, option: str) -> None:
    """Change an option of the file system at *folder*, such as `ro`."""
    subprocess.run(["mount", "-o", f"remount,{option}", str(folder)], check=True)
