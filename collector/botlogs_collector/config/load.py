"""From a YAML file and `BOTLOGS_SECTION__KEY` variables to Settings, naming every fault at once."""

import dataclasses
import re
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import yaml

from botlogs_collector.config.duration import DurationNs, parse_duration
from botlogs_collector.config.exporters import check_exporters
from botlogs_collector.config.faults import Faults
from botlogs_collector.config.settings import Endpoint, Settings, Storage

T = TypeVar("T")

PREFIX = "BOTLOGS_"
# Variables of the plugin and of the command line share the prefix; sections never collide with them.
_SECTIONS = {f.name for f in dataclasses.fields(Settings)}


SectionCheck = Callable[[Mapping[str, object], Faults], object]


def load_settings(
    path: Path | None, environ: Mapping[str, str], checks: Mapping[str, SectionCheck] | None = None
) -> Settings:
    """Return the settings of *path* (None: defaults), overridden by *environ*.

    *checks* look at sections that stay raw here, by name, so that their faults are reported with the rest.

    Raises:
        ConfigError: with one line for every fault found.
    """
    faults = Faults()
    raw = _read(path, faults)
    _apply_environ(raw, environ)
    settings = _build(Settings, raw, "", faults)
    if not faults.lines:
        _check_environments(settings, faults)
        _check_certificates(settings, faults)
        _check_storage(settings.storage, faults)
        check_exporters(settings.exporters, settings.environments, faults)
    for section, check in (checks or {}).items():
        part = raw.get(section)
        if isinstance(part, Mapping):
            check(typing.cast("Mapping[str, object]", part), faults)
    faults.raise_if_any()
    return settings


def _read(path: Path | None, faults: Faults) -> dict[str, object]:
    if path is None:
        return {}
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        faults.add(str(path), f"cannot be read: {error}")
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: the 99th of a month
        faults.add(str(path), f"is not YAML: {error}".replace("\n", " "))
    except RecursionError:
        faults.add(str(path), "is nested too deeply")
    else:
        if raw is None:
            return {}
        if isinstance(raw, dict):
            return typing.cast("dict[str, object]", raw)
        faults.add(str(path), "must be a mapping of sections")
    return {}


def _apply_environ(raw: dict[str, object], environ: Mapping[str, str]) -> None:
    for name, text in environ.items():
        keys = name.removeprefix(PREFIX).lower().split("__")
        if not name.startswith(PREFIX) or keys[0] not in _SECTIONS:
            continue
        if len(keys) == 1 and dataclasses.is_dataclass(_hint(Settings, keys[0])):
            continue
        target = raw
        if keys[0] == "environments":
            raw.setdefault("environments", _default_environments())  # a variable changes one key, it drops none
        for key in keys[:-1]:
            child = target.get(key)
            target[key] = child = dict(child) if isinstance(child, dict) else {}
            target = typing.cast("dict[str, object]", child)
        target[keys[-1]] = _value(text)


def _default_environments() -> dict[str, object]:
    return {
        name: {"release_delay": f"{each.release_delay // 1_000_000}ms", "aliases": list(each.aliases)}
        for name, each in Settings().environments.items()
    }


def _value(text: str) -> object:
    """Return what *text* would be in the file; what is not YAML is the text itself."""
    try:
        return yaml.safe_load(text) if text else None
    except yaml.YAMLError:
        return text


def _hint(cls: type, name: str) -> object:
    return typing.get_type_hints(cls)[name]


def _build(cls: type[T], raw: object, path: str, faults: Faults) -> T:
    """Return a *cls* from *raw*, noting what does not fit; a faulty field keeps its default."""
    if not isinstance(raw, Mapping):
        faults.add(path, f"must be a mapping, not {_shown(raw)}")
        return _default(cls)
    hints = typing.get_type_hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}  # type: ignore[arg-type]  # cls is one of our dataclasses
    values: dict[str, object] = {}
    for key, value in typing.cast("Mapping[object, object]", raw).items():
        name = str(key)
        if name not in known:
            faults.unknown_key(path, name, known)
            continue
        before = len(faults.lines)
        built = _convert(hints[name], value, f"{path}.{name}" if path else name, faults)
        if len(faults.lines) == before:
            values[name] = built
    required = [f.name for f in dataclasses.fields(cls) if _is_required(f) and f.name not in raw]  # type: ignore[arg-type]
    for name in required:
        faults.add(f"{path}.{name}" if path else name, "is missing")
    return cls(**values) if not required and not faults.lines else _default(cls)


def _is_required(field: "dataclasses.Field[object]") -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _default(cls: type[T]) -> T:
    """Stand in for a value that will never be used: faults are raised before anybody sees it."""
    return object.__new__(cls)


def _convert(hint: object, value: object, path: str, faults: Faults) -> object:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _convert(args[0], value, path, faults)
    if hint is DurationNs:
        return _duration(value, path, faults)
    if hint is Endpoint and isinstance(value, str):
        return Endpoint(endpoint=value)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _build(hint, {} if value is None else value, path, faults)
    if origin is tuple:
        return _list(args[0], value, path, faults)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping(args[1], value, path, faults)
    return _scalar(typing.cast("type", hint), value, path, faults)


def _duration(value: object, path: str, faults: Faults) -> object:
    try:
        return parse_duration(str(value))
    except ValueError as error:
        faults.add(path, str(error))
        return None


def _list(hint: object, value: object, path: str, faults: Faults) -> object:
    if not isinstance(value, list):
        faults.add(path, f"must be a list, not {_shown(value)}")
        return ()
    items = typing.cast("list[object]", value)
    return tuple(_convert(hint, item, f"{path}[{i}]", faults) for i, item in enumerate(items))


def _mapping(hint: object, value: object, path: str, faults: Faults) -> object:
    if not isinstance(value, Mapping):
        faults.add(path, f"must be a mapping, not {_shown(value)}")
        return {}
    items = typing.cast("Mapping[object, object]", value).items()
    if hint is object:
        return {str(key): item for key, item in items}
    return {str(key): _convert(hint, item, f"{path}.{key}", faults) for key, item in items}


def _scalar(hint: type, value: object, path: str, faults: Faults) -> object:
    if isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    wanted = {str: "text", int: "a whole number", bool: "true or false", float: "a number"}[hint]
    faults.add(path, f"must be {wanted}, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"


def _check_environments(settings: Settings, faults: Faults) -> None:
    """Names and aliases are one namespace, compared without case, and the default is one of them."""
    owner: dict[str, str] = {}
    for name, environment in settings.environments.items():
        for alias in (name, *environment.aliases):
            other = owner.setdefault(alias.lower(), name)
            if other != name:
                faults.add(f"environments.{name}.aliases", f"{alias!r} already belongs to {other!r}")
    if settings.default_environment not in settings.environments:
        faults.unknown_key("default_environment", settings.default_environment, settings.environments)


def _check_certificates(settings: Settings, faults: Faults) -> None:
    """A certificate is of no use without its key, nor the other way round."""
    for path, endpoint in settings.endpoints().items():
        if (endpoint.cert is None) != (endpoint.key is None):
            there, missing = ("cert", "key") if endpoint.key is None else ("key", "cert")
            faults.add(f"{path}.{missing}", f"is missing: {path}.{there} is given, TLS needs both")
        elif endpoint.client_ca and not endpoint.cert:
            faults.add(f"{path}.client_ca", f"needs {path}.cert and {path}.key: without TLS nobody shows a certificate")


def _check_storage(storage: Storage, faults: Faults) -> None:
    """Clusters and volumes are of a server; the names go into SQL as they are, and rows get cold before they go."""
    for key in ("cluster", "cold_after"):
        if getattr(storage, key) is not None and storage.dsn.startswith("chdb:"):
            faults.add(
                f"storage.{key}", f"needs a ClickHouse server: storage.dsn is {storage.dsn!r}, which is embedded"
            )
    for key in ("cluster", "cold_volume", "storage_policy"):
        name = getattr(storage, key)
        if name is not None and not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            faults.add(f"storage.{key}", f"must be a name of letters, digits, `_`, `.` and `-`, not {name!r}")
    if storage.cold_after is not None and not 0 < storage.cold_after < storage.retention:
        faults.add("storage.cold_after", "must be more than nothing and less than storage.retention")
    for key, least in (("connect_timeout", "1s"), ("read_timeout", "15s")):  # a server at work tells so every 10 s
        if getattr(storage, key) < parse_duration(least):
            faults.add(f"storage.{key}", f"must be {least} or more")
