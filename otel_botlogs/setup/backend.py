"""What only the SDK can do.

Ask its sampler, write a span with given ids, flush and stop within a deadline.
"""

from __future__ import annotations

import atexit
from typing import Any, cast

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, TraceFlags

from otel_botlogs import guard, semconv
from otel_botlogs.pipeline import RootSpan
from otel_botlogs.setup.providers import Providers
from otel_botlogs.setup.stamp import is_stamped

_NO_PARENT = Context()


class SdkBackend:
    """The backend on the SDK's providers; on providers of another make, roots are not written."""

    def __init__(self, providers: Providers, shutdown_timeout_s: float) -> None:
        self._providers = providers
        self._shutdown_timeout_s = shutdown_timeout_s
        if providers.own_processors:
            atexit.register(self.shutdown)

    def samples(self, trace_id: int) -> bool:
        """Ask the provider's sampler as for a root span.

        Because the parent that we make up decides for all.
        """
        sampler = getattr(self._providers.tracer_provider, "sampler", None)
        if sampler is None:
            return True
        return bool(sampler.should_sample(_NO_PARENT, trace_id, semconv.SPAN_CONVERSATION).decision.is_sampled())

    def stamps_logs_of(self, provider: object) -> bool:
        """Whether log records of *provider* get the conversation's attributes."""
        return is_stamped(provider if provider is not None else self._providers.logger_provider)

    def write_root(self, span: RootSpan) -> None:
        """Hand a span with the derived ids to the provider's processors, past the id generator."""
        provider = self._providers.tracer_provider
        if not isinstance(provider, SdkTracerProvider) or not self.samples(span.identity.trace_id):
            return
        ids = SpanContext(
            span.identity.trace_id,
            span.identity.root_span_id,
            is_remote=False,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
        )
        finished = ReadableSpan(
            name=span.name,
            context=ids,
            resource=provider.resource,
            attributes=dict(span.attributes),
            links=list(span.links),
            instrumentation_scope=InstrumentationScope(semconv.SCOPE_NAME),
            start_time=span.started_ns,
            end_time=span.ended_ns,
        )
        provider._active_span_processor.on_end(finished)  # noqa: SLF001 - no public way takes given ids

    def flush(self, timeout_s: float) -> bool:
        """Flush both providers, whoever made them."""
        timeout_ms = int(timeout_s * 1000)
        done = True
        for provider in (self._providers.logger_provider, self._providers.tracer_provider):
            flush = getattr(provider, "force_flush", None)
            done = (flush is None or bool(flush(timeout_ms))) and done
        return done

    def shutdown(self) -> None:
        """Stop our own processors within the deadline.

        So that a dead endpoint does not keep the bot from ending.
        """
        atexit.unregister(self.shutdown)
        processors, self._providers.own_processors = self._providers.own_processors, []
        share_ms = self._shutdown_timeout_s * 1000 / max(1, len(processors))
        for processor in reversed(processors):  # logs first: they are what a reader waits for
            try:
                _stop(processor, share_ms)
            except Exception as error:  # noqa: BLE001 - guard
                guard.note("shutdown", error)


def _stop(processor: object, timeout_ms: float) -> None:
    """Stop a batch processor; the public `shutdown` has no deadline of its own choosing (30 s)."""
    inner = getattr(processor, "_batch_processor", None)
    if inner is not None:
        inner.shutdown(timeout_millis=timeout_ms)
    else:
        cast("Any", processor).shutdown()
