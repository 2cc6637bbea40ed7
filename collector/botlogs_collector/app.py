"""The whole service wired: the only place that knows every part.

Parts start from the far end of the pipe back (store, release, query, receivers) and stop in
reverse: readiness goes false, intake stops, what waits is committed, the rest closes.
"""

import asyncio
import contextlib
import functools
import logging
import uuid
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import grpc.aio
from starlette.applications import Starlette
from starlette.types import ASGIApp

from botlogs_collector import servers
from botlogs_collector.access.addresses import KnownHosts, refuse_strangers
from botlogs_collector.access.grpc_door import GrpcDoor
from botlogs_collector.access.guard import Guard
from botlogs_collector.access.mask import Mask
from botlogs_collector.access.read_log import ReadLog
from botlogs_collector.access.tls import Certificates
from botlogs_collector.clock import Clock, SystemClock
from botlogs_collector.config.faults import Faults
from botlogs_collector.config.settings import Settings
from botlogs_collector.errors import ConfigError
from botlogs_collector.forward.forwarder import Forwarder
from botlogs_collector.grpc_refusals import ReadableMessages
from botlogs_collector.health import Health
from botlogs_collector.operation_routes import operation_routes
from botlogs_collector.ports import Lease, Signal
from botlogs_collector.query import grpc_service
from botlogs_collector.query import http as query_http
from botlogs_collector.query.history import HistoryApi
from botlogs_collector.query.service import QueryService
from botlogs_collector.receive import otlp_grpc, otlp_http
from botlogs_collector.receive.all_in_flight import AllInFlight
from botlogs_collector.receive.fairness import Shares
from botlogs_collector.receive.group_commit import CommitLimits, GroupCommit
from botlogs_collector.receive.receiver import Receiver
from botlogs_collector.release.engine import ReleaseEngine
from botlogs_collector.release.history import History
from botlogs_collector.release.runner import ReleaseRunner
from botlogs_collector.release.stamps import VisibleStamps
from botlogs_collector.release.totals import ExactTotals
from botlogs_collector.release.what_if import WhatIf
from botlogs_collector.sample.policies import PolicySet, parse_policies
from botlogs_collector.store.client import Database
from botlogs_collector.store.conditions import pattern_faults
from botlogs_collector.store.conversations import Conversations
from botlogs_collector.store.entries import Entries
from botlogs_collector.store.flows import Flows
from botlogs_collector.store.held import Hold
from botlogs_collector.store.history import HistoryTables
from botlogs_collector.store.ingest import OtlpTables
from botlogs_collector.store.lease import SoleProcess, StoreLease
from botlogs_collector.store.migrate import SCHEMA_VERSION, migrate, write_environments
from botlogs_collector.store.nodes import Nodes
from botlogs_collector.store.outbox import Outbox
from botlogs_collector.store.read_log import ReadLogTable
from botlogs_collector.store.totals import Totals
from botlogs_collector.store.whole import Whole
from botlogs_collector.telemetry import Telemetry

_SIGNALS: tuple[Signal, ...] = ("traces", "logs")
# What waits for an endpoint is in the store: nothing is lost by not waiting longer.
_FORWARD_DRAIN_S = 5.0
_TOTALS_EVERY_S = 20.0  # a look at the clock; a lease lasts three of them
log = logging.getLogger("botlogs")


class Service:
    """One `botlogs serve`: `async with Service(settings) as service`, then it runs until the block ends."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        """Open nothing yet."""
        self.settings = settings
        self.clock = clock or SystemClock()
        self.telemetry = Telemetry()
        self.health = Health()
        tokens_file = settings.auth.tokens_file
        self.guard = Guard(Path(tokens_file) if tokens_file else None, self.clock, self.telemetry)
        self._certificates = Certificates()
        self.console_url = ""
        self.http_apps: dict[str, Starlette] = {}  # by the path of their port in the configuration
        self.policies = _policies(settings)
        self._stamps = VisibleStamps(self.clock)
        self._forwarder: Forwarder | None = None
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> "Service":
        """Start every part; return when all of them answer.

        Raises:
            StartError: a port is busy, or open to other machines without tokens; the data folder is in use, the
                store is newer. Nothing stays open.
        """
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Drain and stop; returns when everything accepted is durable."""
        self.health.stopping = True
        await self._stack.aclose()

    async def _start(self) -> None:
        settings = self.settings
        if self.guard.is_open:
            refuse_strangers(settings.endpoints())
        self.guard.load()
        self._certificates.check(settings.endpoints())
        database = await asyncio.to_thread(Database.of, settings.storage)
        self.database = database
        self._stack.push_async_callback(asyncio.to_thread, database.close)
        await asyncio.to_thread(migrate, database, settings, self.clock)
        await asyncio.to_thread(_check_patterns, database, self.policies)
        self.telemetry.built(metadata.version("otel-botlogs"), SCHEMA_VERSION)
        self.health.ready("store")
        self._stack.push_async_callback(self._stop_forwarder)  # after what is accepted is durable
        commits = self._group_commits(database)
        self._start_release(database, commits)
        self._start_forward(database, commits)
        await self._start_query(database, commits)
        await self._start_receivers(commits)
        self.health.ready("receivers")

    def _group_commits(self, database: Database) -> dict[Signal, GroupCommit]:
        otlp = self.settings.receivers.otlp
        limits = CommitLimits(
            max_pending_bytes=otlp.max_pending_bytes,
            max_pending_requests=otlp.max_pending_requests,
            max_commit_bytes=otlp.max_commit_bytes,
        )
        sink = OtlpTables(database)
        commits: dict[Signal, GroupCommit] = {
            signal: GroupCommit(signal, sink, limits, self.clock, self.telemetry) for signal in _SIGNALS
        }
        for commit in commits.values():
            commit.start()
            self._stack.push_async_callback(commit.stop, servers.DRAIN_S)
        return commits

    def _start_release(self, database: Database, commits: dict[Signal, GroupCommit]) -> None:
        rules = self.settings.release
        hold = Hold(database, self.clock, self.settings.storage.hold_retention)
        lease = (
            SoleProcess()
            if database.is_embedded
            else StoreLease(database, uuid.uuid4().hex, lease_s=max(1, rules.lease // 10**9))
        )
        engine = ReleaseEngine(
            hold,
            in_flight=AllInFlight(list(commits.values())),
            lease=lease,
            policies=lambda: self.policies,
            clock=self.clock,
            telemetry=self.telemetry,
            batch=rules.batch_conversations,
            # The embedded engine has one writer, this process, and it knows what is in flight.
            lag_ns=0 if database.is_embedded else rules.watermark_lag + database.replica_delay_ns,
            stamps=self._stamps,
        )
        retention_ns = self.settings.storage.hold_retention
        self.history = History(HistoryTables(database, hold), self.clock, retention_ns, self.telemetry, self._stamps)
        self.what_if = WhatIf(hold, self.clock, retention_ns)
        runner = ReleaseRunner(engine, lease, self.clock, self.telemetry, rules.interval / 1e9)
        runner.start()
        self._stack.push_async_callback(asyncio.to_thread, runner.stop)
        self._start_totals(database, retention_ns)

    def _start_totals(self, database: Database, hold_retention_ns: int) -> None:
        lease = SoleProcess() if database.is_embedded else StoreLease(database, uuid.uuid4().hex, "totals")
        totals = ExactTotals(
            Totals(database, self.clock), lease=lease, clock=self.clock, hold_retention_ns=hold_retention_ns
        )
        runner = ReleaseRunner(totals, lease, self.clock, self.telemetry, _TOTALS_EVERY_S)
        runner.start()
        self._stack.push_async_callback(asyncio.to_thread, runner.stop)

    def _start_forward(self, database: Database, commits: dict[Signal, GroupCommit]) -> None:
        storage, holder = self.settings.storage, uuid.uuid4().hex

        def lease(name: str) -> Lease:
            return SoleProcess() if database.is_embedded else StoreLease(database, holder, f"forward/{name}")

        self._forwarder = Forwarder(
            self.settings.exporters.otlp,
            outbox=Outbox(database, self.clock, storage.hold_retention),
            lease=lease,
            in_flight=[*commits.values(), self._stamps],
            clock=self.clock,
            registry=self.telemetry.registry,
            retention_ns=storage.retention,
            lag_ns=0 if database.is_embedded else self.settings.release.watermark_lag + database.replica_delay_ns,
        )
        self._forwarder.start()

    async def _stop_forwarder(self) -> None:
        if self._forwarder is not None:
            await asyncio.to_thread(self._forwarder.stop, _FORWARD_DRAIN_S)

    async def reload_tokens(self) -> None:
        """Read the tokens file again; open streams end, and come back if they still may.

        Raises:
            ConfigError: it is faulty; the tokens known so far stay in force.
        """
        await asyncio.to_thread(self.guard.load)
        self._ask_streams_again()

    async def reload_certificates(self) -> None:
        """Read the certificates of all ports again, for connections to come.

        Raises:
            StartError: a file is no good; all of those known so far stay in force.
        """
        await asyncio.to_thread(self._certificates.reload)

    async def reload(self, settings: Settings) -> None:
        """Take the policies and environments of *settings*; everything else needs a restart, and the log says so.

        Raises:
            ConfigError: the policies are faulty; nothing changed.
        """
        policies = _policies(settings)
        await asyncio.to_thread(_check_patterns, self.database, policies)
        await asyncio.to_thread(write_environments, self.database, settings, self.clock)
        self.policies = policies
        changed = [
            name
            for name in ("receivers", "storage", "release", "exporters", "api", "auth")
            if getattr(settings, name) != getattr(self.settings, name)
        ]
        if changed:
            log.warning("changes to %s need a restart; policies and environments are in force", ", ".join(changed))
        self.settings = replace(
            self.settings,
            environments=settings.environments,
            default_environment=settings.default_environment,
            conversation=settings.conversation,
            tail_sampling=settings.tail_sampling,
        )

    async def _start_query(self, database: Database, commits: dict[Signal, GroupCommit]) -> None:
        read_log = ReadLog(ReadLogTable(database), self.clock, self.telemetry)
        read_log.start()
        self._stack.push_async_callback(read_log.stop)
        service = QueryService(
            conversations=Conversations(database),
            entries=Entries(database),
            nodes=Nodes(database),
            flows=Flows(database),
            whole=Whole(database),
            settings=self.settings,
            clock=self.clock,
            in_flight=AllInFlight(list(commits.values())) if database.is_embedded else None,
            mask=Mask(self.guard.keyed("mask")),
            read_log=read_log,
        )
        self._stack.push_async_callback(service.close)
        for signal, commit in commits.items():
            commit.on_commit.append(functools.partial(service.on_commit, signal))
        history = HistoryApi(self.history, self.what_if, service.access, query_http.PREFIX)
        routes = [*operation_routes(self.health, self.telemetry), *history.routes()]
        app = query_http.create_app(service, self.settings, self.guard, extra_routes=routes)
        self.http_apps["api.http"] = app
        api, certificates = self.settings.api, self._certificates
        await servers.serve_http(
            self._stack, self._for_this_machine(app), api.http, "api.http", certificates=certificates
        )
        server = grpc.aio.server(
            interceptors=[GrpcDoor(self.guard), ReadableMessages()], options=grpc_service.server_options()
        )
        grpc_service.add_to_server(server, service)
        names = (grpc_service.SERVICE_NAME,)
        await servers.serve_grpc(self._stack, server, api.grpc, "api.grpc", names, certificates=certificates)
        self._stack.callback(service.stop_streams)  # first of all: a server waits for its streams
        self._ask_streams_again = service.ask_streams_again
        http = self.settings.api.http
        self.console_url = f"{'https' if http.cert else 'http'}://{http.endpoint}/"
        self.health.ready("api")

    async def _start_receivers(self, commits: dict[Signal, GroupCommit]) -> None:
        otlp = self.settings.receivers.otlp
        receiver = Receiver(commits, self.telemetry)
        shares = Shares(otlp.max_pending_bytes, otlp.max_pending_requests, self.telemetry)
        app = otlp_http.create_app(
            receiver, self.guard, shares, otlp.max_request_bytes, operation_routes(self.health, self.telemetry)
        )
        self.http_apps["receivers.otlp.http"] = app
        timeout_s = otlp.request_timeout / 1e9
        certificates, key = self._certificates, "receivers.otlp"
        served = self._for_this_machine(app)
        await servers.serve_http(
            self._stack, served, otlp.http, f"{key}.http", certificates=certificates, request_timeout_s=timeout_s
        )
        doors = [] if self.guard.is_open else [GrpcDoor(self.guard, "send")]
        server = grpc.aio.server(
            interceptors=doors, options=otlp_grpc.server_options(otlp.max_request_bytes, round(timeout_s * 1000))
        )
        otlp_grpc.add_to_server(server, receiver, self.guard, shares)
        await servers.serve_grpc(
            self._stack, server, otlp.grpc, f"{key}.grpc", otlp_grpc.SERVICE_NAMES, certificates=certificates
        )

    def _for_this_machine(self, app: ASGIApp) -> ASGIApp:
        """Return *app*, which without tokens trusts this machine and so answers to its names alone."""
        return KnownHosts(app, self.settings.api.allowed_hosts) if self.guard.is_open else app


def _policies(settings: Settings) -> PolicySet:
    faults = Faults()
    policies = parse_policies(settings.tail_sampling, faults)
    faults.raise_if_any()
    for notice in policies.notices:
        log.warning("%s", notice)
    return policies


def _check_patterns(database: Database, policies: PolicySet) -> None:
    """Refuse regular expressions that the store would refuse in every facts query."""
    if faults := pattern_faults(database, policies.conditions):
        raise ConfigError([f"tail_sampling: {fault}" for fault in faults])
