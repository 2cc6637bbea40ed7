"""What an import takes of the machine: the program in a process of its own, its file made up as it is read."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.answering_otlp import answering_otlp
from tests.support.processes import BOTLOGS

# A small program between: the peak of a process begins with that of the one it was forked from.
_MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"peak_kib": used.ru_maxrss, "cpu_s": used.ru_utime + used.ru_stime}), file=sys.stderr)
sys.exit(code)
"""
_START = 1_790_000_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Peak memory of the program, its CPU time and the time on the wall."""

    peak_mib: float
    cpu_s: float
    wall_s: float
    lines: int


def write_lines(path: Path, count: int, text_bytes: int = 40) -> None:
    """Write *count* lines of the file exporter, one span each, with a text of *text_bytes* in it."""
    text = "x" * text_bytes
    with path.open("w") as file:
        for number in range(1, count + 1):
            names = {"gen_ai.conversation.id": f"conv-{number // 10}", "bot.node.id": "ask", "text": text}
            span = {
                "traceId": f"{number // 10 + 1:032x}", "spanId": f"{number:016x}", "name": "node", "kind": 1,
                "startTimeUnixNano": str(_START + number), "endTimeUnixNano": str(_START + number + 9),
                "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in names.items()],
            }  # fmt: skip
            document = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "x"}, "spans": [span]}]}]}
            file.write(json.dumps(document, separators=(",", ":")) + "\n")


def cost_of_import(path: Path) -> Cost:
    """Import *path* into an endpoint that takes everything; fail if not all of it arrived."""
    with answering_otlp() as endpoint:
        endpoint.keeps = False
        started = time.monotonic()
        environ = {**os.environ, "XDG_STATE_HOME": str(path.parent / "state")}
        command = (*BOTLOGS, "import", "--json", "--from-line", "1", "--url", endpoint.url, str(path))
        done = subprocess.run(
            (sys.executable, "-c", _MEASURE, *command),
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            timeout=600,
        )
        wall_s = time.monotonic() - started
    answer, usage = json.loads(done.stdout), json.loads(done.stderr.splitlines()[-1])
    (result,) = answer["files"]
    assert result["spans"] == result["entries"]
    return Cost(peak_mib=usage["peak_kib"] / 1024, cpu_s=usage["cpu_s"], wall_s=wall_s, lines=result["entries"])
