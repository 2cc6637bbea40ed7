"""What a service took of memory."""

import re
from pathlib import Path

from tests.support.service import Service


def peak_bytes(service: Service) -> int:
    """Return the most that a running service's process has had in memory since it started."""
    status = Path(f"/proc/{service.program.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) * 1024
