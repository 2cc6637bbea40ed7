# packages: microsoft_agents
"""A Microsoft 365 agent on the real dialogs: a waterfall with prompts, a branch into another dialog, and an error.

Driven by an adapter without a channel: it keeps what the agent says.
"""

import asyncio

from microsoft_agents.activity import Activity, ActivityTypes, ChannelAccount, ConversationAccount, ResourceResponse
from microsoft_agents.hosting.core import ChannelAdapter, ConversationState, MemoryStorage, TurnContext
from microsoft_agents.hosting.dialogs import (
    ComponentDialog,
    DialogExtensions,
    DialogTurnResult,
    NumberPrompt,
    PromptOptions,
    TextPrompt,
    WaterfallDialog,
    WaterfallStepContext,
)


class KeepingAdapter(ChannelAdapter):
    """Runs the agent's pipeline; keeps the texts that it sends."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.on_turn_error = sorry

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        self.said += [activity.text for activity in activities if activity.type == ActivityTypes.message]
        return [ResourceResponse(id=str(len(self.said))) for _ in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        raise NotImplementedError

    async def delete_activity(self, context: TurnContext, reference: object) -> None:
        raise NotImplementedError


class OrderDialog(ComponentDialog):
    """Asks for an item and a number; large orders go through another dialog."""

    def __init__(self) -> None:
        super().__init__("order")
        self.add_dialog(TextPrompt("text"))
        self.add_dialog(NumberPrompt("number"))
        self.add_dialog(WaterfallDialog("main", [self.ask_item, self.ask_number, self.decide, self.confirm]))
        self.add_dialog(WaterfallDialog("large", [self.ask_company, self.thank]))
        self.initial_dialog_id = "main"

    async def ask_item(self, step: WaterfallStepContext) -> DialogTurnResult:
        return await step.prompt("text", PromptOptions(prompt=message("What would you like?")))

    async def ask_number(self, step: WaterfallStepContext) -> DialogTurnResult:
        step.values["item"] = step.result
        if step.result == "nothing":
            raise LookupError("no such item")
        options = PromptOptions(prompt=message("How many?"), retry_prompt=message("A number, please."))
        return await step.prompt("number", options)

    async def decide(self, step: WaterfallStepContext) -> DialogTurnResult:
        step.values["number"] = step.result
        if step.result > 10:
            return await step.begin_dialog("large")
        return await step.next(None)

    async def confirm(self, step: WaterfallStepContext) -> DialogTurnResult:
        await step.context.send_activity("Ordered.")
        return await step.end_dialog()

    async def ask_company(self, step: WaterfallStepContext) -> DialogTurnResult:
        return await step.prompt("text", PromptOptions(prompt=message("Which company?")))

    async def thank(self, step: WaterfallStepContext) -> DialogTurnResult:
        await step.context.send_activity(f"Thank you, {step.result}.")
        return await step.end_dialog(step.result)


def message(text: str) -> Activity:
    return Activity(type=ActivityTypes.message, text=text)


async def sorry(context: TurnContext, error: Exception) -> None:
    """Keep the error from the channel, as bots do."""
    await context.send_activity("Sorry, that did not work.")


async def main() -> None:
    state = ConversationState(MemoryStorage())
    dialog, accessor = OrderDialog(), state.create_property("dialogs")

    async def on_turn(context: TurnContext) -> None:
        if context.activity.type == ActivityTypes.message and context.activity.text == "bye":
            await context.send_activity(Activity(type=ActivityTypes.end_of_conversation, code="completedSuccessfully"))
            return
        if context.activity.type == ActivityTypes.message:
            await DialogExtensions.run_dialog(dialog, context, accessor)
        await state.save(context)

    adapter = KeepingAdapter()
    says = {
        "small": ["hello", "tea", "many", "3", "bye"],
        "large": ["hello", "tea", "20", "Contoso"],
        "wrong": ["hello", "nothing"],
    }
    for conversation, texts in says.items():
        for text in texts:
            activity = message(text)
            activity.id, activity.channel_id, activity.service_url = (
                f"{conversation}-{text}",
                "test",
                "https://test.invalid",
            )
            activity.conversation = ConversationAccount(id=conversation)
            activity.from_property, activity.recipient = ChannelAccount(id="user-1"), ChannelAccount(id="agent")
            await adapter.run_pipeline(TurnContext(adapter, activity), on_turn)
    print(adapter.said)


asyncio.run(main())
