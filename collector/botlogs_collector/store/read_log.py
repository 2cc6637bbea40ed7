"""Who has read what, as rows of botlogs.audit (ports.ReadLogStore)."""

import json
from collections.abc import Sequence

from botlogs_collector.model.reading import Reading
from botlogs_collector.store.client import Database

_COLUMNS = ("At", "Action", "By", "Subject", "Reason", "Detail")


class ReadLogTable:
    """See `ports.ReadLogStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write_readings(self, readings: Sequence[Reading]) -> None:
        """See `ports.ReadLogStore`."""
        self._database.insert("botlogs.audit", [_row(reading) for reading in readings], _COLUMNS)


def _row(reading: Reading) -> Sequence[object]:
    detail = {
        "conversation_key": reading.conversation_key,
        "bot_id": reading.bot_id,
        "environment": reading.environment,
        "masked": reading.masked,
    }
    return [reading.at_unix_nano, "read", reading.by, reading.conversation, "", json.dumps(detail)]
