"""Makes the moves that receipts announce, and says on the receipts that they are made.

What is moved is what receipts on record say, read back from the store: of an episode that another engine decided
meanwhile, nothing. A batch that fails is reported and tried later; it stays hidden and holds up no other batch.
"""

from itertools import groupby

from botlogs_collector.clock import Clock
from botlogs_collector.model.receipt import Receipt
from botlogs_collector.release.patience import Patience
from botlogs_collector.release_ports import HeldStore
from botlogs_collector.telemetry import Telemetry


class Moves:
    """The moves of one engine."""

    def __init__(self, store: HeldStore, clock: Clock, telemetry: Telemetry) -> None:
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._patience = Patience(clock)

    def make(self) -> None:
        """Make what was announced: just now, by an engine that crashed, or by a restore.

        Raises:
            Retryable: ClickHouse did not say what was announced.
        """
        announced = {
            batch_id: list(receipts)
            for batch_id, receipts in groupby(self._store.unfinished(), key=lambda receipt: receipt.batch_id)
        }
        self._patience.remember_only(announced)
        for batch_id, receipts in announced.items():
            if not self._patience.waits(batch_id):
                self._try(batch_id, receipts)
        self._telemetry.unfinished.set(self._patience.waiting())

    def _try(self, batch_id: str, receipts: list[Receipt]) -> None:
        try:
            self._store.move(batch_id, [receipt.key for receipt in receipts])
            self._store.write_receipts([receipt.moved(self._clock.now_ns()) for receipt in receipts], [])
        except Exception as error:  # noqa: BLE001  # whatever it was, the other batches must come out
            self._telemetry.move_failed(batch_id, len(receipts), error, self._patience.failed(batch_id))
            return
        self._telemetry.released(len(receipts))
