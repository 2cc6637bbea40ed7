"""Write the Python code made from proto/, or with --check say whether what is committed differs.

Generated code is committed so that an install needs no compiler; grpcio-tools is pinned in
pyproject.toml so that the output is the same everywhere.
"""

import filecmp
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent
# What goes out has nested values too, as bytes that are already encoded; what comes in has them as text.
_LAST_KIND = "    bytes bytes_value = 7;"
_NESTED_KINDS = ("    bytes array_value = 5;", "    bytes kvlist_value = 6;")
TARGET = ROOT.parent / "collector" / "botlogs_collector" / "_pb"


def generate(target: Path) -> None:
    """Write the code for every .proto under proto/ into *target*, as one package tree."""
    sources = sorted(str(path) for path in ROOT.rglob("*.proto"))
    include = str(files("grpc_tools") / "_proto")
    status = protoc.main(
        [
            "protoc", f"-I{ROOT}", f"-I{include}",
            f"--python_out={target}", f"--pyi_out={target}", f"--grpc_python_out={target}", *sources,
        ]
    )  # fmt: skip
    if status:
        sys.exit(status)
    for path in target.rglob("*_pb2_grpc.py"):
        if "Servicer" not in path.read_text():
            path.unlink()  # messages only
    for path in [*target.rglob("*.py"), *target.rglob("*.pyi")]:
        text = path.read_text().replace("from botlogs.", "from botlogs_collector._pb.botlogs.")
        path.write_text(text)
    write_engine_schemas(target / "schema")
    for folder in [target, *(path for path in target.rglob("*") if path.is_dir())]:
        if folder.name != "__pycache__":
            (folder / "__init__.py").write_text('"""Generated from proto/ by `make proto`; do not edit."""\n')


def write_engine_schemas(target: Path) -> None:
    """Write what ClickHouse reads: each request's schema as one text, since it follows no imports."""
    target.mkdir(exist_ok=True)
    common = (ROOT / "botlogs/v1/common.proto").read_text()
    for signal in ("traces", "logs"):
        text = common + (ROOT / f"botlogs/v1/{signal}.proto").read_text()
        lines = [
            line
            for line in text.splitlines()
            if line and not line.lstrip().startswith(("//", "syntax", "package", "import"))
        ]
        (target / f"{signal}.proto").write_text("\n".join(['syntax = "proto3";', *lines, ""]))
        lines[lines.index(_LAST_KIND) : lines.index(_LAST_KIND) + 1] = [_LAST_KIND, *_NESTED_KINDS]
        (target / f"forward_{signal}.proto").write_text("\n".join(['syntax = "proto3";', *lines, ""]))


def differences(expected: Path, actual: Path) -> list[str]:
    """Return the relative paths that are missing, extra or different."""
    names = {
        str(p.relative_to(d))
        for d in (expected, actual)
        for p in d.rglob("*.p*")
        if p.suffix in (".py", ".pyi", ".proto")
    }
    return sorted(
        name
        for name in names
        if not (expected / name).exists()
        or not (actual / name).exists()
        or not filecmp.cmp(expected / name, actual / name, shallow=False)
    )


def main() -> None:
    """Run from the command line."""
    if "--check" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder))
            if wrong := differences(Path(folder), TARGET):
                sys.exit(f"generated code differs from proto/: {', '.join(wrong)}; run `make proto`")
        return
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    generate(TARGET)


if __name__ == "__main__":
    main()
