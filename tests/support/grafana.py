"""What Grafana and its ClickHouse plugin do to a query before ClickHouse sees it.

Variables: `encodeURIComponentStrict` of Grafana's scenes (several values as `{a,b}`). Macros: those of the plugin,
https://clickhouse.com/docs/integrations/grafana/query-builder#macros.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

_VARIABLE = re.compile(r"\$\{(\w+):percentencode\}")
_MACRO = re.compile(r"\$__(\w+)(?:\((\w+)\))?")


def expand(sql: str, variables: Mapping[str, str | Sequence[str]], *, from_s: int, to_s: int, interval_s: int) -> str:
    """Return *sql* as ClickHouse gets it; a variable or macro that is not known is a KeyError."""
    from_time, to_time = f"toDateTime({from_s})", f"toDateTime({to_s})"

    def macro(found: re.Match[str]) -> str:
        column = found[2] or ""
        return {
            "fromTime": from_time,
            "toTime": to_time,
            "interval_s": str(interval_s),
            "timeFilter": f"{column} >= {from_time} AND {column} <= {to_time}",
            "timeInterval": f"toStartOfInterval(toDateTime({column}), INTERVAL {interval_s} second)",
        }[found[1]]

    written = _VARIABLE.sub(lambda found: _percent_encoded(variables[found[1]]), _MACRO.sub(macro, sql))
    assert "$" not in written, f"left over: {written[written.index('$') :][:60]}"
    return written


def _percent_encoded(value: str | Sequence[str]) -> str:
    return quote(value if isinstance(value, str) else f"{{{','.join(value)}}}", safe="-_.~")
