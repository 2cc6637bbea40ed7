"""What every runtime's instrumentor stands on: the version check, patches that leave no trace, one guard.

An instrumentor translates: it wraps a few names of its runtime and says turn, node, wait, transition, error
to the plugin. `otel_botlogs/instrumentors/README.md` shows how to write one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar

from opentelemetry.instrumentation.dependencies import DependencyConflictError, get_dependency_conflicts
from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

from otel_botlogs import active
from otel_botlogs.instrumentors.patches import Patches


class RuntimeInstrumentor(BaseInstrumentor):
    """Subclass it, name the supported versions, and wrap names in `_patch`."""

    supported: ClassVar[tuple[str, ...]] = ()
    """Requirements, of which one must be installed: `("langgraph >= 1.0, < 2",)`."""

    _patches: Patches | None = None

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return the requirements, as `BaseInstrumentor` wants them."""
        return self.supported

    @abstractmethod
    def _patch(self, patches: Patches) -> None:
        """Wrap the runtime's names; import the runtime here, never at the module's top."""

    def _instrument(self, **kwargs: Any) -> None:
        """Check the version, configure if the bot has not, and patch.

        The loader asks a whole distribution for its dependencies and then skips the check, so each
        runtime's own is here.

        Raises:
            DependencyConflictError: the runtime's version is not supported; the loader passes over it.
            ModuleNotFoundError: the runtime is not installed; the same.
        """
        conflicts = [get_dependency_conflicts([requirement]) for requirement in self.supported]
        broken = [conflict for conflict in conflicts if conflict is not None]
        if broken and len(broken) == len(conflicts):
            if installed := [conflict for conflict in broken if conflict.found]:
                raise DependencyConflictError(installed[0])
            raise ModuleNotFoundError(f"not installed: {', '.join(self.supported)}")
        providers = {name: kwargs[name] for name in ("tracer_provider", "logger_provider") if kwargs.get(name)}
        if providers:
            active.configure(**providers)
        else:
            active.pipeline()
        patches = Patches(type(self).__name__)
        try:
            self._patch(patches)
        except BaseException:
            patches.undo()
            raise
        self._patches = patches

    def _uninstrument(self, **kwargs: Any) -> None:  # noqa: ARG002 - the base class's signature
        if self._patches is not None:
            self._patches.undo()
            self._patches = None
