r"""What a reader chooses at the top of a dashboard, and how SQL reads it safely.

ClickHouse takes a backslash in a string for an escape, and Grafana's `:sqlstring` leaves backslashes alone,
so `\'` in an address would end the string. `:percentencode` leaves neither quotes nor backslashes of any value;
ClickHouse decodes it again.
"""

from typing import Final

from botlogs_dashboards.grafana.model import DATASOURCE, DATASOURCE_TYPE, Json

ALL: Final = "*"  # what "All" says, so that an empty or new value is not left out


def datasource() -> Json:
    """Return the choice of the ClickHouse data source; the provisioned one comes first."""
    return {
        "type": "datasource", "name": "datasource", "label": "Data source", "query": DATASOURCE_TYPE,
        "current": {"selected": False, "text": "Bot logs", "value": "botlogs"}, "hide": 0, "refresh": 1,
    }  # fmt: skip


def console(url: str) -> Json:
    """Return the console's address for links; a constant, so that no address of Grafana can change where they lead."""
    return {
        "type": "constant", "name": "console", "label": "Console", "query": url, "hide": 2, "skipUrlSync": True,
        "current": {"selected": False, "text": url, "value": url},
    }  # fmt: skip


def several(name: str, label: str, sql: str) -> Json:
    """Return a choice of any number of the values that *sql* gives."""
    return {
        **_query(name, label, sql), "multi": True, "includeAll": True, "allValue": ALL,
        "current": {"selected": False, "text": ["All"], "value": ["$__all"]},
    }  # fmt: skip


def one(name: str, label: str, sql: str) -> Json:
    """Return a choice of one of the values that *sql* gives."""
    return {**_query(name, label, sql), "multi": False, "includeAll": False}


def written(name: str, label: str) -> Json:
    """Return a field to write in."""
    return {
        "type": "textbox", "name": name, "label": label, "query": "", "hide": 0,
        "current": {"selected": False, "text": "", "value": ""},
    }  # fmt: skip


def _query(name: str, label: str, sql: str) -> Json:
    return {
        "type": "query", "name": name, "label": label, "datasource": DATASOURCE, "query": sql.strip(), "hide": 0,
        "refresh": 2, "sort": 1, "regex": "",
    }  # fmt: skip


def text_of(name: str) -> str:
    """Return the SQL expression of the one value of variable *name*."""
    return f"decodeURLComponent('${{{name}:percentencode}}')"


def values_of(name: str) -> str:
    """Return the SQL array of the values of variable *name*; a value with a comma cannot be chosen."""
    return f"splitByChar(',', trim(BOTH '{{}}' FROM {text_of(name)}))"


def chosen(column: str, name: str) -> str:
    """Return the SQL condition that *column* is one of the values of variable *name*, or that all are."""
    return f"hasAny({values_of(name)}, ['{ALL}', toString({column})])"


def any_chosen(column: str, name: str) -> str:
    """Return the same of an array *column*."""
    return f"hasAny({values_of(name)}, arrayPushBack({column}, '{ALL}'))"


def _totals(column: str, condition: str = "") -> str:
    hours = "Hour >= toStartOfHour($__fromTime) AND Hour <= $__toTime"
    rows = f"botlogs.totals WHERE {hours} AND {column} != ''{condition}"
    return f"SELECT DISTINCT {column} FROM {rows} ORDER BY 1 LIMIT 1000"


def environments() -> Json:
    """Return the choice of environments."""
    return several("environment", "Environment", _totals("Environment"))


def bots() -> Json:
    """Return the choice of bots."""
    return several("bot", "Bot", _totals("BotId"))


def flows() -> Json:
    """Return the choice of flows of the bots."""
    return several("flow", "Flow", _totals("FlowId", f" AND {chosen('BotId', 'bot')}"))


def one_flow() -> Json:
    """Return the choice of one flow."""
    return one("flow", "Flow", _totals("FlowId", f" AND {chosen('BotId', 'bot')}"))


def nodes() -> Json:
    """Return the choice of nodes of the flows."""
    condition = f" AND {chosen('BotId', 'bot')} AND {chosen('FlowId', 'flow')}"
    return several("node", "Node", _totals("NodeId", condition))
