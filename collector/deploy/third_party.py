"""Writes THIRD_PARTY.md: what the service is made of besides itself, from the locks and the installed metadata.

`python collector/deploy/third_party.py` writes it, `--check` fails where it differs. A licence that is neither
permissive nor explained below is an error.
"""

import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "THIRD_PARTY.md"
LOCKS = {"service": "requirements.lock", "embedded engine": "requirements-embedded.lock"}

# SPDX names. Each lets others use, change and pass on, under nothing but a notice.
PERMISSIVE = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Unlicense", "Zlib"}
)
EXPLAINED = {
    "certifi": ("MPL-2.0", "a list of certificate authorities; unchanged, and the licence is of its own files alone"),
}
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)", re.MULTILINE)
_VENDORED = (("dagre", "MIT", "dashboards/botlogs_dashboards/console/vendor/dagre.js"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something of others that the service needs."""

    name: str
    version: str
    licence: str
    needed_by: str


def locked(file: str) -> dict[str, str]:
    """Return the exact versions in a lock, by name; where two are named (for older Pythons), the newest."""
    return dict(_PINNED.findall((ROOT / "collector" / "deploy" / file).read_text(encoding="utf-8")))


def licence_of(name: str) -> str:
    """Return the SPDX expression of an installed package, from its own metadata."""
    try:
        data = metadata.metadata(name)
    except metadata.PackageNotFoundError:  # pinned for another Python or system: as the page has it
        listed = re.search(
            rf"^\| {re.escape(name)} \| \S+ \| ([^|]+) \|", TARGET.read_text(encoding="utf-8"), re.MULTILINE
        )
        return listed[1] if listed else "unknown"
    said = next((text for key in ("License-Expression", "License") for text in data.get_all(key) or []), "")
    if not said or len(said) > 60:  # the whole text: its name is in the classifiers
        classifiers = [line for line in data.get_all("Classifier") or [] if line.startswith("License ::")]
        said = classifiers[0].rpartition(" :: ")[2] if classifiers else "unknown"
    return _SPDX.get(said, said)


def is_accepted(name: str, licence: str) -> bool:
    """Whether every licence in the expression is permissive, or this package's is explained."""
    if name in EXPLAINED:
        return licence == EXPLAINED[name][0]
    return all(part in PERMISSIVE for part in re.split(r" (?:AND|OR) |[()]", licence) if part)


def parts() -> list[Part]:
    """Return all of them, by name.

    Raises:
        SystemExit: one has a licence that nobody looked at.
    """
    found: dict[str, Part] = {}
    for needed_by, file in LOCKS.items():
        for name, version in locked(file).items():
            part = Part(name=name, version=version, licence=licence_of(name), needed_by=needed_by)
            found.setdefault(name, part)
    strangers = [f"{part.name}: {part.licence}" for part in found.values() if not is_accepted(part.name, part.licence)]
    if strangers:
        msg = "licences that are not permissive and not explained in third_party.py: " + ", ".join(strangers)
        raise SystemExit(msg)
    return sorted(found.values(), key=lambda part: part.name)


def page() -> str:
    """Return the text of THIRD_PARTY.md."""
    lines = [
        "# Third parties",
        "",
        "What the service is made of besides itself, made by `make third-party` from the locks in `collector/deploy/`",
        "and from what each package says of itself. All licences are permissive; exceptions are explained. The plugin",
        "alone needs the OpenTelemetry packages, `wrapt` and what they need.",
        "",
        "| package | version | licence | needed by |",
        "|---|---|---|---|",
        *(f"| {part.name} | {part.version} | {part.licence} | {part.needed_by} |" for part in parts()),
        "",
        "Kept in the repository:",
        "",
        "| what | licence | where |",
        "|---|---|---|",
        *(f"| {name} | {licence} | [{path}]({path}) |" for name, licence, path in _VENDORED),
        "",
        "Not permissive, and why that is no harm:",
        "",
        *(f"- {name}, {licence}: {why}." for name, (licence, why) in EXPLAINED.items()),
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the page, or with `--check` compare it."""
    text = page()
    if "--check" not in sys.argv:
        TARGET.write_text(text, encoding="utf-8")
    elif TARGET.read_text(encoding="utf-8") != text:
        sys.exit("THIRD_PARTY.md is not what the locks say: run `make third-party`")


if __name__ == "__main__":
    main()
