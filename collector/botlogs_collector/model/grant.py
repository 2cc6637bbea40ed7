"""A grant: the standing order to keep everything of a scope, whatever the policies say."""

from dataclasses import dataclass

from botlogs_collector.model.conversation import DueConversation


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a grant is about: the parts that are set must all match; at least one is set."""

    bot_id: str = ""
    conversation_id: str = ""
    user_id: str = ""
    node_id: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """In force for conversations that end within [from, until); times are Unix nanoseconds."""

    grant_id: str
    scope: Scope
    from_unix_nano: int
    until_unix_nano: int
    reason: str
    by: str

    def covers(self, due: DueConversation) -> bool:
        """Return whether *due* must be kept."""
        scope = self.scope
        return (
            self.from_unix_nano <= due.ended_unix_nano < self.until_unix_nano
            and scope.bot_id in ("", due.bot_id)
            and scope.conversation_id in ("", due.conversation_id)
            and scope.user_id in ("", due.user_id)
            and scope.environment in ("", due.environment)
            and (not scope.node_id or scope.node_id in due.node_ids)
        )
