from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListConversationsRequest(_message.Message):
    __slots__ = ("environment", "bot", "state", "from_unix_nano", "to_unix_nano", "q", "flow", "node", "channel", "has_error", "user", "tag", "limit", "cursor")
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    BOT_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    FROM_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    TO_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    Q_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    HAS_ERROR_FIELD_NUMBER: _ClassVar[int]
    USER_FIELD_NUMBER: _ClassVar[int]
    TAG_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    environment: str
    bot: str
    state: str
    from_unix_nano: int
    to_unix_nano: int
    q: str
    flow: str
    node: str
    channel: str
    has_error: bool
    user: str
    tag: str
    limit: int
    cursor: str
    def __init__(self, environment: _Optional[str] = ..., bot: _Optional[str] = ..., state: _Optional[str] = ..., from_unix_nano: _Optional[int] = ..., to_unix_nano: _Optional[int] = ..., q: _Optional[str] = ..., flow: _Optional[str] = ..., node: _Optional[str] = ..., channel: _Optional[str] = ..., has_error: _Optional[bool] = ..., user: _Optional[str] = ..., tag: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class ListConversationsResponse(_message.Message):
    __slots__ = ("items", "next_cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Conversation]
    next_cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[Conversation, _Mapping]]] = ..., next_cursor: _Optional[str] = ...) -> None: ...

class GetConversationRequest(_message.Message):
    __slots__ = ("id",)
    ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    def __init__(self, id: _Optional[str] = ...) -> None: ...

class Conversation(_message.Message):
    __slots__ = ("id", "conversation_id", "trace_id", "bot_id", "environment", "channel", "user_id", "state", "started_unix_nano", "last_activity_unix_nano", "ended_unix_nano", "end_rule", "available_unix_nano", "turns", "node_actions", "log_events", "errors", "spans", "environment_given", "receipt")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONVERSATION_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    USER_ID_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STARTED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    LAST_ACTIVITY_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    ENDED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    END_RULE_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    TURNS_FIELD_NUMBER: _ClassVar[int]
    NODE_ACTIONS_FIELD_NUMBER: _ClassVar[int]
    LOG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_GIVEN_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    id: str
    conversation_id: str
    trace_id: str
    bot_id: str
    environment: str
    channel: str
    user_id: str
    state: str
    started_unix_nano: int
    last_activity_unix_nano: int
    ended_unix_nano: int
    end_rule: str
    available_unix_nano: int
    turns: int
    node_actions: int
    log_events: int
    errors: int
    spans: int
    environment_given: bool
    receipt: Receipt
    def __init__(self, id: _Optional[str] = ..., conversation_id: _Optional[str] = ..., trace_id: _Optional[str] = ..., bot_id: _Optional[str] = ..., environment: _Optional[str] = ..., channel: _Optional[str] = ..., user_id: _Optional[str] = ..., state: _Optional[str] = ..., started_unix_nano: _Optional[int] = ..., last_activity_unix_nano: _Optional[int] = ..., ended_unix_nano: _Optional[int] = ..., end_rule: _Optional[str] = ..., available_unix_nano: _Optional[int] = ..., turns: _Optional[int] = ..., node_actions: _Optional[int] = ..., log_events: _Optional[int] = ..., errors: _Optional[int] = ..., spans: _Optional[int] = ..., environment_given: _Optional[bool] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("episode", "started_unix_nano", "ended_unix_nano", "end_rule", "available_unix_nano", "released_unix_nano", "decision", "decided_by", "votes", "policies_hash", "weight", "spans", "log_events", "errors", "bytes", "complete", "environment_given")
    EPISODE_FIELD_NUMBER: _ClassVar[int]
    STARTED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    ENDED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    END_RULE_FIELD_NUMBER: _ClassVar[int]
    AVAILABLE_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    RELEASED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    DECISION_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_FIELD_NUMBER: _ClassVar[int]
    VOTES_FIELD_NUMBER: _ClassVar[int]
    POLICIES_HASH_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    SPANS_FIELD_NUMBER: _ClassVar[int]
    LOG_EVENTS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_GIVEN_FIELD_NUMBER: _ClassVar[int]
    episode: int
    started_unix_nano: int
    ended_unix_nano: int
    end_rule: str
    available_unix_nano: int
    released_unix_nano: int
    decision: str
    decided_by: str
    votes: _containers.RepeatedCompositeFieldContainer[Vote]
    policies_hash: str
    weight: float
    spans: int
    log_events: int
    errors: int
    bytes: int
    complete: bool
    environment_given: bool
    def __init__(self, episode: _Optional[int] = ..., started_unix_nano: _Optional[int] = ..., ended_unix_nano: _Optional[int] = ..., end_rule: _Optional[str] = ..., available_unix_nano: _Optional[int] = ..., released_unix_nano: _Optional[int] = ..., decision: _Optional[str] = ..., decided_by: _Optional[str] = ..., votes: _Optional[_Iterable[_Union[Vote, _Mapping]]] = ..., policies_hash: _Optional[str] = ..., weight: _Optional[float] = ..., spans: _Optional[int] = ..., log_events: _Optional[int] = ..., errors: _Optional[int] = ..., bytes: _Optional[int] = ..., complete: _Optional[bool] = ..., environment_given: _Optional[bool] = ...) -> None: ...

class Vote(_message.Message):
    __slots__ = ("policy", "vote", "because")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    VOTE_FIELD_NUMBER: _ClassVar[int]
    BECAUSE_FIELD_NUMBER: _ClassVar[int]
    policy: str
    vote: str
    because: str
    def __init__(self, policy: _Optional[str] = ..., vote: _Optional[str] = ..., because: _Optional[str] = ...) -> None: ...

class GetTimelineRequest(_message.Message):
    __slots__ = ("id", "after", "limit", "before", "at_unix_nano")
    ID_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AT_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    id: str
    after: str
    limit: int
    before: str
    at_unix_nano: int
    def __init__(self, id: _Optional[str] = ..., after: _Optional[str] = ..., limit: _Optional[int] = ..., before: _Optional[str] = ..., at_unix_nano: _Optional[int] = ...) -> None: ...

class GetTimelineResponse(_message.Message):
    __slots__ = ("items", "next_cursor", "stream_id", "previous_cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    STREAM_ID_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[TimelineItem]
    next_cursor: str
    stream_id: str
    previous_cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[TimelineItem, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., stream_id: _Optional[str] = ..., previous_cursor: _Optional[str] = ...) -> None: ...

class TimelineItem(_message.Message):
    __slots__ = ("item_id", "time_unix_nano", "kind", "title", "severity", "log_id", "span_id", "node_action_id", "flow_id", "flow_version", "node_id", "node_name", "node_type", "turn_index", "duration_ns", "running")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    TURN_INDEX_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    RUNNING_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    time_unix_nano: int
    kind: str
    title: str
    severity: str
    log_id: str
    span_id: str
    node_action_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str
    turn_index: int
    duration_ns: int
    running: bool
    def __init__(self, item_id: _Optional[str] = ..., time_unix_nano: _Optional[int] = ..., kind: _Optional[str] = ..., title: _Optional[str] = ..., severity: _Optional[str] = ..., log_id: _Optional[str] = ..., span_id: _Optional[str] = ..., node_action_id: _Optional[str] = ..., flow_id: _Optional[str] = ..., flow_version: _Optional[str] = ..., node_id: _Optional[str] = ..., node_name: _Optional[str] = ..., node_type: _Optional[str] = ..., turn_index: _Optional[int] = ..., duration_ns: _Optional[int] = ..., running: _Optional[bool] = ...) -> None: ...

class GetLogsRequest(_message.Message):
    __slots__ = ("id", "at_unix_nano", "node_action_id", "q", "event_name", "limit", "cursor")
    ID_FIELD_NUMBER: _ClassVar[int]
    AT_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    Q_FIELD_NUMBER: _ClassVar[int]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    at_unix_nano: int
    node_action_id: str
    q: str
    event_name: str
    limit: int
    cursor: str
    def __init__(self, id: _Optional[str] = ..., at_unix_nano: _Optional[int] = ..., node_action_id: _Optional[str] = ..., q: _Optional[str] = ..., event_name: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class GetLogsResponse(_message.Message):
    __slots__ = ("items", "next_cursor")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[LogEvent]
    next_cursor: str
    def __init__(self, items: _Optional[_Iterable[_Union[LogEvent, _Mapping]]] = ..., next_cursor: _Optional[str] = ...) -> None: ...

class LogEvent(_message.Message):
    __slots__ = ("log_id", "time_unix_nano", "severity", "severity_number", "event_name", "body", "attributes", "trace_id", "span_id", "node_action_id", "flow_id", "flow_version", "node_id", "node_name", "node_type", "turn_index", "duration_ns", "status", "service_name", "scope_name")
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    TIME_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_NUMBER_FIELD_NUMBER: _ClassVar[int]
    EVENT_NAME_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTES_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    TURN_INDEX_FIELD_NUMBER: _ClassVar[int]
    DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SERVICE_NAME_FIELD_NUMBER: _ClassVar[int]
    SCOPE_NAME_FIELD_NUMBER: _ClassVar[int]
    log_id: str
    time_unix_nano: int
    severity: str
    severity_number: int
    event_name: str
    body: _struct_pb2.Value
    attributes: _struct_pb2.Struct
    trace_id: str
    span_id: str
    node_action_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str
    turn_index: int
    duration_ns: int
    status: str
    service_name: str
    scope_name: str
    def __init__(self, log_id: _Optional[str] = ..., time_unix_nano: _Optional[int] = ..., severity: _Optional[str] = ..., severity_number: _Optional[int] = ..., event_name: _Optional[str] = ..., body: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., attributes: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., trace_id: _Optional[str] = ..., span_id: _Optional[str] = ..., node_action_id: _Optional[str] = ..., flow_id: _Optional[str] = ..., flow_version: _Optional[str] = ..., node_id: _Optional[str] = ..., node_name: _Optional[str] = ..., node_type: _Optional[str] = ..., turn_index: _Optional[int] = ..., duration_ns: _Optional[int] = ..., status: _Optional[str] = ..., service_name: _Optional[str] = ..., scope_name: _Optional[str] = ...) -> None: ...

class GetNodeRequest(_message.Message):
    __slots__ = ("id", "at_unix_nano")
    ID_FIELD_NUMBER: _ClassVar[int]
    AT_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    id: str
    at_unix_nano: int
    def __init__(self, id: _Optional[str] = ..., at_unix_nano: _Optional[int] = ...) -> None: ...

class NodeAction(_message.Message):
    __slots__ = ("node_action_id", "span_id", "trace_id", "parent_span_id", "flow_id", "flow_version", "node_id", "node_name", "node_type", "turn_index", "started_unix_nano", "ended_unix_nano", "status", "status_message", "outcome", "transition_to", "transition_reason", "bot_id", "builder_url")
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    TRACE_ID_FIELD_NUMBER: _ClassVar[int]
    PARENT_SPAN_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    TURN_INDEX_FIELD_NUMBER: _ClassVar[int]
    STARTED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    ENDED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    STATUS_MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_TO_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_REASON_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    BUILDER_URL_FIELD_NUMBER: _ClassVar[int]
    node_action_id: str
    span_id: str
    trace_id: str
    parent_span_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str
    turn_index: int
    started_unix_nano: int
    ended_unix_nano: int
    status: str
    status_message: str
    outcome: str
    transition_to: str
    transition_reason: str
    bot_id: str
    builder_url: str
    def __init__(self, node_action_id: _Optional[str] = ..., span_id: _Optional[str] = ..., trace_id: _Optional[str] = ..., parent_span_id: _Optional[str] = ..., flow_id: _Optional[str] = ..., flow_version: _Optional[str] = ..., node_id: _Optional[str] = ..., node_name: _Optional[str] = ..., node_type: _Optional[str] = ..., turn_index: _Optional[int] = ..., started_unix_nano: _Optional[int] = ..., ended_unix_nano: _Optional[int] = ..., status: _Optional[str] = ..., status_message: _Optional[str] = ..., outcome: _Optional[str] = ..., transition_to: _Optional[str] = ..., transition_reason: _Optional[str] = ..., bot_id: _Optional[str] = ..., builder_url: _Optional[str] = ...) -> None: ...

class GetPathRequest(_message.Message):
    __slots__ = ("id", "node", "flow", "limit", "cursor")
    ID_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    FLOW_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    node: str
    flow: str
    limit: int
    cursor: str
    def __init__(self, id: _Optional[str] = ..., node: _Optional[str] = ..., flow: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class GetPathResponse(_message.Message):
    __slots__ = ("items", "next_cursor", "total")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[Visit]
    next_cursor: str
    total: int
    def __init__(self, items: _Optional[_Iterable[_Union[Visit, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., total: _Optional[int] = ...) -> None: ...

class Visit(_message.Message):
    __slots__ = ("node_action_id", "flow_id", "flow_version", "node_id", "node_name", "node_type", "turn_index", "started_unix_nano", "ended_unix_nano", "status", "outcome", "transition_to", "transition_reason")
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    TURN_INDEX_FIELD_NUMBER: _ClassVar[int]
    STARTED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    ENDED_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_TO_FIELD_NUMBER: _ClassVar[int]
    TRANSITION_REASON_FIELD_NUMBER: _ClassVar[int]
    node_action_id: str
    flow_id: str
    flow_version: str
    node_id: str
    node_name: str
    node_type: str
    turn_index: int
    started_unix_nano: int
    ended_unix_nano: int
    status: str
    outcome: str
    transition_to: str
    transition_reason: str
    def __init__(self, node_action_id: _Optional[str] = ..., flow_id: _Optional[str] = ..., flow_version: _Optional[str] = ..., node_id: _Optional[str] = ..., node_name: _Optional[str] = ..., node_type: _Optional[str] = ..., turn_index: _Optional[int] = ..., started_unix_nano: _Optional[int] = ..., ended_unix_nano: _Optional[int] = ..., status: _Optional[str] = ..., outcome: _Optional[str] = ..., transition_to: _Optional[str] = ..., transition_reason: _Optional[str] = ...) -> None: ...

class GetVariableChangesRequest(_message.Message):
    __slots__ = ("id", "variable", "limit", "cursor")
    ID_FIELD_NUMBER: _ClassVar[int]
    VARIABLE_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    variable: str
    limit: int
    cursor: str
    def __init__(self, id: _Optional[str] = ..., variable: _Optional[str] = ..., limit: _Optional[int] = ..., cursor: _Optional[str] = ...) -> None: ...

class GetVariableChangesResponse(_message.Message):
    __slots__ = ("items", "next_cursor", "total")
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    NEXT_CURSOR_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    items: _containers.RepeatedCompositeFieldContainer[VariableChange]
    next_cursor: str
    total: int
    def __init__(self, items: _Optional[_Iterable[_Union[VariableChange, _Mapping]]] = ..., next_cursor: _Optional[str] = ..., total: _Optional[int] = ...) -> None: ...

class VariableChange(_message.Message):
    __slots__ = ("name", "value", "old", "set_unix_nano", "log_id", "node_action_id", "node_id", "node_name")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    OLD_FIELD_NUMBER: _ClassVar[int]
    SET_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    LOG_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ACTION_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: _struct_pb2.Value
    old: _struct_pb2.Value
    set_unix_nano: int
    log_id: str
    node_action_id: str
    node_id: str
    node_name: str
    def __init__(self, name: _Optional[str] = ..., value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., old: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., set_unix_nano: _Optional[int] = ..., log_id: _Optional[str] = ..., node_action_id: _Optional[str] = ..., node_id: _Optional[str] = ..., node_name: _Optional[str] = ...) -> None: ...

class GetFlowRequest(_message.Message):
    __slots__ = ("flow_id", "version", "bot", "environment", "from_unix_nano", "to_unix_nano")
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    BOT_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    FROM_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    TO_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    flow_id: str
    version: str
    bot: str
    environment: str
    from_unix_nano: int
    to_unix_nano: int
    def __init__(self, flow_id: _Optional[str] = ..., version: _Optional[str] = ..., bot: _Optional[str] = ..., environment: _Optional[str] = ..., from_unix_nano: _Optional[int] = ..., to_unix_nano: _Optional[int] = ...) -> None: ...

class Flow(_message.Message):
    __slots__ = ("flow_id", "flow_version", "name", "bot_id", "environment", "learned", "is_newest", "newest_version", "nodes", "edges", "faults", "versions", "observed")
    FLOW_ID_FIELD_NUMBER: _ClassVar[int]
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    LEARNED_FIELD_NUMBER: _ClassVar[int]
    IS_NEWEST_FIELD_NUMBER: _ClassVar[int]
    NEWEST_VERSION_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    EDGES_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    OBSERVED_FIELD_NUMBER: _ClassVar[int]
    flow_id: str
    flow_version: str
    name: str
    bot_id: str
    environment: str
    learned: bool
    is_newest: bool
    newest_version: str
    nodes: _containers.RepeatedCompositeFieldContainer[FlowNode]
    edges: _containers.RepeatedCompositeFieldContainer[FlowEdge]
    faults: _containers.RepeatedScalarFieldContainer[str]
    versions: _containers.RepeatedCompositeFieldContainer[FlowVersion]
    observed: Observed
    def __init__(self, flow_id: _Optional[str] = ..., flow_version: _Optional[str] = ..., name: _Optional[str] = ..., bot_id: _Optional[str] = ..., environment: _Optional[str] = ..., learned: _Optional[bool] = ..., is_newest: _Optional[bool] = ..., newest_version: _Optional[str] = ..., nodes: _Optional[_Iterable[_Union[FlowNode, _Mapping]]] = ..., edges: _Optional[_Iterable[_Union[FlowEdge, _Mapping]]] = ..., faults: _Optional[_Iterable[str]] = ..., versions: _Optional[_Iterable[_Union[FlowVersion, _Mapping]]] = ..., observed: _Optional[_Union[Observed, _Mapping]] = ...) -> None: ...

class FlowNode(_message.Message):
    __slots__ = ("id", "name", "type", "extra")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    EXTRA_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: str
    type: str
    extra: _struct_pb2.Struct
    def __init__(self, id: _Optional[str] = ..., name: _Optional[str] = ..., type: _Optional[str] = ..., extra: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ...) -> None: ...

class FlowEdge(_message.Message):
    __slots__ = ("to", "label")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    to: str
    label: str
    def __init__(self, to: _Optional[str] = ..., label: _Optional[str] = ..., **kwargs) -> None: ...

class FlowVersion(_message.Message):
    __slots__ = ("flow_version", "bot_id", "environment", "learned", "seen_unix_nano")
    FLOW_VERSION_FIELD_NUMBER: _ClassVar[int]
    BOT_ID_FIELD_NUMBER: _ClassVar[int]
    ENVIRONMENT_FIELD_NUMBER: _ClassVar[int]
    LEARNED_FIELD_NUMBER: _ClassVar[int]
    SEEN_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    flow_version: str
    bot_id: str
    environment: str
    learned: bool
    seen_unix_nano: int
    def __init__(self, flow_version: _Optional[str] = ..., bot_id: _Optional[str] = ..., environment: _Optional[str] = ..., learned: _Optional[bool] = ..., seen_unix_nano: _Optional[int] = ...) -> None: ...

class Observed(_message.Message):
    __slots__ = ("from_unix_nano", "to_unix_nano", "nodes", "transitions")
    FROM_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    TO_UNIX_NANO_FIELD_NUMBER: _ClassVar[int]
    NODES_FIELD_NUMBER: _ClassVar[int]
    TRANSITIONS_FIELD_NUMBER: _ClassVar[int]
    from_unix_nano: int
    to_unix_nano: int
    nodes: _containers.RepeatedCompositeFieldContainer[NodeUse]
    transitions: _containers.RepeatedCompositeFieldContainer[Transition]
    def __init__(self, from_unix_nano: _Optional[int] = ..., to_unix_nano: _Optional[int] = ..., nodes: _Optional[_Iterable[_Union[NodeUse, _Mapping]]] = ..., transitions: _Optional[_Iterable[_Union[Transition, _Mapping]]] = ...) -> None: ...

class NodeUse(_message.Message):
    __slots__ = ("node_id", "node_name", "node_type", "visits", "conversations", "errors", "ended_here", "drop_off", "median_duration_ns")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_NAME_FIELD_NUMBER: _ClassVar[int]
    NODE_TYPE_FIELD_NUMBER: _ClassVar[int]
    VISITS_FIELD_NUMBER: _ClassVar[int]
    CONVERSATIONS_FIELD_NUMBER: _ClassVar[int]
    ERRORS_FIELD_NUMBER: _ClassVar[int]
    ENDED_HERE_FIELD_NUMBER: _ClassVar[int]
    DROP_OFF_FIELD_NUMBER: _ClassVar[int]
    MEDIAN_DURATION_NS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    node_name: str
    node_type: str
    visits: int
    conversations: int
    errors: int
    ended_here: int
    drop_off: int
    median_duration_ns: int
    def __init__(self, node_id: _Optional[str] = ..., node_name: _Optional[str] = ..., node_type: _Optional[str] = ..., visits: _Optional[int] = ..., conversations: _Optional[int] = ..., errors: _Optional[int] = ..., ended_here: _Optional[int] = ..., drop_off: _Optional[int] = ..., median_duration_ns: _Optional[int] = ...) -> None: ...

class Transition(_message.Message):
    __slots__ = ("to", "count", "declared")
    FROM_FIELD_NUMBER: _ClassVar[int]
    TO_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    DECLARED_FIELD_NUMBER: _ClassVar[int]
    to: str
    count: int
    declared: bool
    def __init__(self, to: _Optional[str] = ..., count: _Optional[int] = ..., declared: _Optional[bool] = ..., **kwargs) -> None: ...

class StreamTimelineRequest(_message.Message):
    __slots__ = ("id", "last_event_id")
    ID_FIELD_NUMBER: _ClassVar[int]
    LAST_EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    id: str
    last_event_id: str
    def __init__(self, id: _Optional[str] = ..., last_event_id: _Optional[str] = ...) -> None: ...

class StreamTimelineResponse(_message.Message):
    __slots__ = ("item", "event_id")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    EVENT_ID_FIELD_NUMBER: _ClassVar[int]
    item: TimelineItem
    event_id: str
    def __init__(self, item: _Optional[_Union[TimelineItem, _Mapping]] = ..., event_id: _Optional[str] = ...) -> None: ...
