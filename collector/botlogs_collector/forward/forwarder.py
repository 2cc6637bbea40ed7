"""All endpoints of the configuration, each on its own: one that is down, slow or picky holds up no other."""

import contextlib
import logging
import threading
from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry

from botlogs_collector.clock import Clock
from botlogs_collector.config.exporters import OtlpExporter
from botlogs_collector.errors import BotLogsError, StartError
from botlogs_collector.forward.delivery import Delivery, Endpoint
from botlogs_collector.forward.grpc_endpoint import GrpcEndpoint
from botlogs_collector.forward.http_endpoint import HttpEndpoint
from botlogs_collector.forward.metrics import ForwardMetrics, ForwardSeries
from botlogs_collector.forward.pause import Pauses
from botlogs_collector.forward.stream import Stream
from botlogs_collector.forward.watermark import Watermark
from botlogs_collector.model.forwarding import ForwardFilter
from botlogs_collector.ports import InFlight, Lease, Outbox, Signal

_SIGNALS: tuple[Signal, ...] = ("traces", "logs")
log = logging.getLogger("botlogs")


class Forwarder:
    """Starts and stops the streams: one an endpoint and signal."""

    def __init__(
        self,
        exporters: Sequence[OtlpExporter],
        *,
        outbox: Outbox,
        lease: Callable[[str], Lease],
        in_flight: Sequence[InFlight],
        clock: Clock,
        registry: CollectorRegistry,
        retention_ns: int,
        lag_ns: int,
        pauses: Callable[[], Pauses] = Pauses,
    ) -> None:
        """Take what to forward and where to; *lease* gives each endpoint's by its name.

        Raises:
            StartError: a certificate or key of an endpoint cannot be used.
        """
        self._draining = threading.Event()
        self._endpoints: list[Endpoint] = []
        self._leases: list[Lease] = []
        self._streams: list[Stream] = []
        series = ForwardSeries(registry)
        watermark = Watermark(outbox, in_flight, clock, lag_ns)
        for exporter in exporters:
            endpoint, lease_of_it = _connect(exporter, clock), lease(exporter.name)
            self._endpoints.append(endpoint)
            self._leases.append(lease_of_it)
            for signal in _SIGNALS:
                if signal not in exporter.signals:
                    continue
                metrics = ForwardMetrics(series, exporter.name, signal)
                delivery = Delivery(
                    endpoint,
                    signal,
                    metrics,
                    timeout_s=exporter.timeout / 1e9,
                    stopping=self._draining,
                    pauses=pauses,
                )
                stream = Stream(
                    exporter.name, signal,
                    outbox=outbox, watermark=watermark, lease=lease_of_it, delivery=delivery, metrics=metrics,
                    clock=clock, wanted=_wanted(exporter), retention_ns=retention_ns,
                    max_request_bytes=exporter.max_request_bytes, concurrency=exporter.concurrency,
                    from_beginning=exporter.start_at == "beginning", draining=self._draining,
                )  # fmt: skip
                self._streams.append(stream)

    def start(self) -> None:
        """Begin where the cursors are."""
        for stream in self._streams:
            stream.start()

    def stop(self, deadline_s: float) -> None:
        """Forward what is visible to those that take it, until *deadline_s*; the cursors know the rest.

        A second call is harmless.
        """
        self._draining.set()
        timer = threading.Timer(deadline_s, self._cut_off)
        timer.start()
        for stream in self._streams:
            stream.join()
        timer.cancel()
        for endpoint in self._endpoints:
            endpoint.close()
        for lease in self._leases:
            with contextlib.suppress(BotLogsError):  # it runs out by itself
                lease.give_up()

    def _cut_off(self) -> None:
        log.warning("forwarding stops before everything was taken; it goes on there with the next start")
        for stream in self._streams:
            stream.halt()
        for endpoint in self._endpoints:
            endpoint.close()


def _connect(exporter: OtlpExporter, clock: Clock) -> Endpoint:
    try:
        return GrpcEndpoint(exporter) if exporter.protocol == "grpc" else HttpEndpoint(exporter, clock)
    except OSError as error:
        raise StartError(f"exporters.otlp: the tls files of {exporter.name!r} cannot be used: {error}") from None


def _wanted(exporter: OtlpExporter) -> ForwardFilter:
    filters = exporter.filters
    return ForwardFilter(environments=filters.environments, bots=filters.bots, events=filters.events)
