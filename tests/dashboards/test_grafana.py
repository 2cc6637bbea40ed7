"""The Grafana dashboards' JSON and provisioning, as Grafana reads them."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard as PublishedDashboard

from botlogs_dashboards.grafana.generate import FOLDER, dashboards, files, main

PROVISIONING = FOLDER.parent / "provisioning"


def test_committed_dashboards_are_what_the_code_writes(tmp_path: Path) -> None:
    """A change of the code without `make dashboards` fails here."""
    main(["--output", str(tmp_path)])

    assert {path.name for path in FOLDER.iterdir()} == files().keys()
    for name, text in files().items():
        assert (FOLDER / name).read_text() == text == (tmp_path / name).read_text()


def test_links_lead_to_the_console_that_was_named(tmp_path: Path) -> None:
    """`--console` is where links lead; what is no web address is refused."""
    main(["--output", str(tmp_path), "--console", "https://logs.example/"])

    board = json.loads((tmp_path / "botlogs-conversation.json").read_text())
    assert next(v["query"] for v in board["templating"]["list"] if v["name"] == "console") == "https://logs.example"
    with pytest.raises(SystemExit):
        main(["--output", str(tmp_path), "--console", "javascript:alert(1)"])


def _boards() -> list[Any]:
    return [pytest.param(json.loads(text), id=name) for name, text in files().items()]


@pytest.mark.parametrize("board", _boards())
def test_published_model_of_grafana_reads_all_of_a_dashboard(board: dict[str, Any]) -> None:
    """Grafana's own model of a dashboard knows every field that is written: none is lost on the way through it."""
    assert _lost(board) == []


def test_published_model_drops_a_field_that_it_does_not_know() -> None:
    """The check above can fail: misspelt fields are seen."""
    board = dashboards()[0].json()
    misspelt = {**board, "timeZone": "utc", "panels": [{**cast("Any", board["panels"])[1], "girdPos": {}}]}

    assert _lost(misspelt) == ["timeZone", "panels[0].girdPos"]


def _lost(board: dict[str, Any]) -> list[str]:
    read = json.loads(JSONEncoder().encode(PublishedDashboard.from_json(board)))
    return list(_differences(board, read, ""))


def _differences(written: Any, read: Any, path: str) -> list[str]:
    if isinstance(written, dict) and isinstance(read, dict):
        missing = [f"{path}{name}" for name in written if name not in read]
        nested = [_differences(written[name], read[name], f"{path}{name}.") for name in written if name in read]
        return missing + [each for found in nested for each in found]
    if isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        pairs = enumerate(zip(written, read, strict=True))
        return [each for i, (a, b) in pairs for each in _differences(a, b, f"{path.rstrip('.')}[{i}].")]
    return [] if written == read else [path.rstrip(".")]


@pytest.mark.parametrize("board", _boards())
def test_dashboard_is_well_formed(board: dict[str, Any]) -> None:
    """Ids are unique, nothing overlaps or leaves the grid, and every data source is the variable's."""
    panels = board["panels"]

    assert re.fullmatch(r"[a-z-]{1,40}", board["uid"])
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [cell for panel in panels for cell in _cells(panel["gridPos"])]
    assert len(set(cells)) == len(cells)
    assert all(0 <= x < 24 for x, _ in cells)
    named = [panel["datasource"] for panel in panels if panel["type"] != "row"]
    named += [target["datasource"] for panel in panels for target in panel.get("targets", ())]
    assert {source["uid"] for source in named} == {"${datasource}"}
    assert all(panel["description"] for panel in panels if panel["type"] != "row")
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__data", "datasource"}
    assert set(re.findall(r"\$\{(\w+)", json.dumps(board))) <= known


def _cells(place: dict[str, int]) -> list[tuple[int, int]]:
    columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return [(x, y) for x in columns for y in rows]


def test_provisioned_data_source_is_the_one_that_dashboards_choose() -> None:
    """The data source's uid is the variables' first choice, of the plugin's type, and keeps its secret outside."""
    (source,) = yaml.safe_load((PROVISIONING / "datasources" / "botlogs.yaml").read_text())["datasources"]
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards" / "botlogs.yaml").read_text())["providers"]

    for board in dashboards():
        chosen = next(variable for variable in board.variables if variable["type"] == "datasource")
        assert (chosen["query"], cast("Any", chosen["current"])["value"]) == (source["type"], source["uid"])
    assert re.fullmatch(r"\$\{\w+\}", source["secureJsonData"]["password"])
    assert provider["type"] == "file"
