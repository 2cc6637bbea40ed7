"""What readers of conversations get: the values behind the HTTP and the gRPC answers.

Field names are those of the wire; times ending in `_unix_nano` are Unix nanoseconds. None and the
empty string mean: not given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from botlogs_collector.model.conversation import ConversationKey, State, TraceId
from botlogs_collector.model.decision import Outcome, VoteValue

SMALL_ROWS = 1000
SMALL_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRef:
    """One conversation found by an id, and whether its content may be read.

    The times are those of arrival, of all its rows: they bound where its rows lie.
    """

    key: ConversationKey
    conversation_id: str
    environment: str
    bot_id: str
    channel: str
    trace_ids: tuple[TraceId, ...]
    first_received_unix_nano: int
    last_received_unix_nano: int
    end_received_unix_nano: int  # of its newest end mark, 0 for none
    node_actions: int
    log_events: int  # of log records and span events; this and the next as received, before doubles collapse
    spans: int
    span_events: int
    bytes: int  # of content, as received
    is_live: bool
    is_readable: bool

    @property
    def is_small(self) -> bool:
        """Whether all of it may be read at once without a thought."""
        return max(self.log_events, self.spans) < SMALL_ROWS and self.bytes < SMALL_BYTES

    def growing(self) -> "ConversationRef":
        """Return it as of a moment at which more may have come: nothing may be left unasked because there was none."""
        return replace(self, span_events=max(self.span_events, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """That somebody read a conversation of production: for the audit."""

    at_unix_nano: int
    by: str
    conversation: str  # its id, or its first trace's
    conversation_key: ConversationKey
    bot_id: str
    environment: str
    masked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationSummary:
    """One line of the conversation list: never a word of content."""

    id: str  # what to put into an address: the conversation id, or the trace id where there is none
    conversation_id: str | None
    trace_id: str
    bot_id: str
    environment: str
    channel: str
    user_id: str
    state: State
    started_unix_nano: int
    last_activity_unix_nano: int
    ended_unix_nano: int | None
    end_rule: str | None
    available_unix_nano: int | None
    turns: int
    node_actions: int
    log_events: int
    errors: int
    spans: int
    environment_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteShown:
    """One policy's vote as readers get it."""

    policy: str
    vote: VoteValue
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptShown:
    """The receipt as readers get it; what is None has not been decided yet."""

    episode: int
    started_unix_nano: int
    ended_unix_nano: int | None
    end_rule: str | None
    available_unix_nano: int | None
    released_unix_nano: int | None = None
    decision: Outcome | None = None
    decided_by: str | None = None
    votes: tuple[VoteShown, ...] = ()
    policies_hash: str | None = None
    weight: float | None = None
    spans: int
    log_events: int
    errors: int
    bytes: int
    complete: bool | None = None
    environment_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFilter:
    """What a conversation list is narrowed to; empty strings and None do not narrow.

    `flow`, `node`, `tag` and `text` look at content and so match readable conversations alone; `text` also
    matches the whole id of a conversation, a trace or a user, in any state. `from_unix_nano` and
    `to_unix_nano` are the senders' time: conversations with activity between them.
    """

    environment: str = ""
    bot: str = ""
    state: State | None = None
    channel: str = ""
    user: str = ""
    flow: str = ""
    node: str = ""
    tag: str = ""
    text: str = ""
    has_error: bool | None = None
    from_unix_nano: int | None = None
    to_unix_nano: int | None = None
    bots: tuple[str, ...] = ()  # the only ones that whoever asks may know of; empty: all
    live: bool | None = None  # the only ones that whoever asks may know of: live ones, or others
    in_content: bool = True  # whether `text` may look at what was said

    @property
    def needs_content(self) -> bool:
        """Whether only readable conversations can match."""
        return bool(self.flow or self.node or self.tag)


class ListPosition(NamedTuple):
    """Where a page of the conversation list ends: the last activity received, and the tie break."""

    last_received_unix_nano: int
    tie: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """A conversation as the store tells it, with what paging and receipts need beside the summary."""

    key: ConversationKey
    trace_ids: tuple[TraceId, ...]
    summary: ConversationSummary
    first_received_unix_nano: int
    last_received_unix_nano: int
    bytes: int
    decided_by: str
    is_readable: bool

    @property
    def position(self) -> ListPosition:
        """Return its place in the conversation list."""
        return ListPosition(self.last_received_unix_nano, self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened: a log record, a span event, or a span that no log event announced."""

    time_unix_nano: int
    rank: int  # orders what happened at the same nanosecond: an enter before, an exit after the rest
    item_id: str  # unique within the conversation, the same every time
    kind: str
    severity: str
    severity_number: int
    log_id: str
    trace_id: str
    span_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str
    turn_index: int | None
    body: object
    attributes: Mapping[str, object]
    duration_ns: int
    status: str
    service_name: str
    scope_name: str
    visible_unix_nano: int

    @property
    def position(self) -> "EntryPosition":
        """Return its place in the timeline."""
        return EntryPosition(self.time_unix_nano, self.rank, self.item_id)


class EntryPosition(NamedTuple):
    """A place in a timeline; entries are sorted by it."""

    time_unix_nano: int
    rank: int
    item_id: str


START = EntryPosition(-(2**63), 0, "")
END = EntryPosition(2**63 - 1, 0, "")
EntrySource = Literal["log", "span", "event"]
SOURCES: tuple[EntrySource, ...] = ("log", "span", "event")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryQuery:
    """Which entries of one conversation are asked for; `keys` None: with all attributes, else those alone."""

    after: EntryPosition = START
    before: EntryPosition = END  # exclusive
    time_from: int = 0
    time_to: int = 2**63 - 1
    span_ids: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    text: str = ""
    variable: str = ""  # log records that set it
    keys: frozenset[str] | None = None
    max_text: int = 0  # characters of a body or an attribute value; 0: whole
    visible_after: int = 0  # Unix nanoseconds, exclusive
    visible_until: int = 2**63 - 1
    with_announced: bool = False  # spans that an enter event announced come too
    by_visible: bool = False  # in the order of becoming visible, not of time
    newest_first: bool = False  # in the reverse order of time
    limit: int = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAt:
    """A span in which something was logged at an instant, or that began then; the node is what it names itself."""

    span_id: str
    node_id: str
    scope_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineItem:
    """One line of a conversation's timeline."""

    item_id: str  # the same in every page and stream
    time_unix_nano: int
    kind: str
    title: str
    severity: str
    log_id: str | None
    span_id: str | None
    node_action_id: str | None
    flow_id: str | None
    flow_version: str | None
    node_id: str | None
    node_name: str | None
    node_type: str | None
    turn_index: int | None
    duration_ns: int | None
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """A log event with all that it says; attributes and body have their own types, nested ones too."""

    log_id: str | None
    time_unix_nano: int
    severity: str
    severity_number: int
    event_name: str
    body: object
    attributes: Mapping[str, object]
    trace_id: str
    span_id: str | None
    node_action_id: str | None
    flow_id: str | None
    flow_version: str | None
    node_id: str | None
    node_name: str | None
    node_type: str | None
    turn_index: int | None
    duration_ns: int | None
    status: str | None
    service_name: str
    scope_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAction:
    """A node of a flow doing its work once; `ended_unix_nano` is None while it runs."""

    node_action_id: str
    span_id: str
    trace_id: str
    parent_span_id: str | None
    flow_id: str | None
    flow_version: str | None
    node_id: str | None
    node_name: str
    node_type: str | None
    turn_index: int | None
    started_unix_nano: int
    ended_unix_nano: int | None
    status: str  # Unset, Ok, Error, or Running
    status_message: str | None
    outcome: str | None
    transition_to: str | None
    transition_reason: str | None
    bot_id: str
    builder_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Node actions that were active at an instant, the innermost first, and what was logged exactly then."""

    actions: list[NodeAction]
    logged: list[LoggedAt]
