"""What the service is made of: pinned, hashed, complete, and under licences that were looked at."""

import re
import tomllib
from importlib import metadata

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.deploy import DEPLOY, ROOT, third_party

_LOCKS = {"requirements.lock": ("collector",), "requirements-embedded.lock": ("collector", "embedded")}


def required(extras: tuple[str, ...]) -> list[Requirement]:
    """Return what pyproject asks for, for this Python."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [*project["dependencies"], *(line for extra in extras for line in project["optional-dependencies"][extra])]
    return [one for line in lines if (one := Requirement(line)).marker is None or one.marker.evaluate()]


@pytest.mark.parametrize(("lock", "extras"), _LOCKS.items())
def test_a_lock_satisfies_the_project(lock: str, extras: tuple[str, ...]) -> None:
    """Every direct requirement is pinned to a version that pyproject allows."""
    pinned = third_party.locked(lock)

    for requirement in required(extras):
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), (requirement, version)


@pytest.mark.parametrize("lock", _LOCKS)
def test_a_lock_is_complete(lock: str) -> None:
    """What the pinned packages need is pinned too: nothing is resolved on the day of an installation."""
    pinned = third_party.locked(lock)
    environment = {**default_environment(), "extra": ""}

    installed = {canonicalize_name(each.name) for each in metadata.distributions()}
    for name in pinned.keys() & installed:
        for line in metadata.requires(name) or []:
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate(environment):  # pyright: ignore[reportArgumentType]
                assert canonicalize_name(need.name) in pinned, f"{name} needs {need.name}"


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_pin_has_hashes_and_no_host(lock: str) -> None:
    """A file that differs is refused, wherever it came from."""
    text = (DEPLOY / lock).read_text(encoding="utf-8")
    pins = re.split(r"\n(?=[A-Za-z0-9])", text.strip())

    assert len(pins) > 20
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "://" not in text


def test_the_list_of_third_parties_is_what_the_locks_say() -> None:
    """`make third-party` makes it anew; licences that nobody looked at stop it."""
    assert third_party.TARGET.read_text(encoding="utf-8") == third_party.page()


@pytest.mark.parametrize(
    ("name", "licence", "accepted"),
    [
        ("any", "MIT", True),
        ("any", "BSD-3-Clause AND (MIT OR Zlib)", True),
        ("any", "GPL-3.0-or-later", False),
        ("any", "MIT AND LGPL-2.1-only", False),
        ("certifi", "MPL-2.0", True),
        ("other", "MPL-2.0", False),
    ],
)
def test_only_permissive_licences_pass(name: str, licence: str, *, accepted: bool) -> None:
    """A copyleft licence needs an explanation of its own."""
    assert third_party.is_accepted(name, licence) is accepted


def test_vendored_scripts_have_their_licence_beside_them() -> None:
    """What is kept in the repository is listed, with its licence."""
    vendor = ROOT / "dashboards" / "botlogs_dashboards" / "console" / "vendor"
    listed = third_party.TARGET.read_text(encoding="utf-8")

    for script in vendor.glob("*.js"):
        assert str(script.relative_to(ROOT)) in listed
        assert script.with_suffix(".LICENSE").exists()
