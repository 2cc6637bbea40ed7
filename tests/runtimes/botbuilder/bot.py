# packages: botbuilder
"""A Bot Framework bot on the real dialogs: a waterfall with prompts, a branch into another dialog, and an error.

Driven by botbuilder's own `TestAdapter`, without any channel.
"""

import asyncio

from botbuilder.core import ConversationState, MemoryStorage, TurnContext
from botbuilder.core.adapters import TestAdapter
from botbuilder.dialogs import (
    ComponentDialog,
    DialogExtensions,
    DialogTurnResult,
    WaterfallDialog,
    WaterfallStepContext,
)
from botbuilder.dialogs.prompts import NumberPrompt, PromptOptions, TextPrompt
from botbuilder.schema import Activity, ActivityTypes, ConversationAccount


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
        await state.save_changes(context)

    adapter = TestAdapter(on_turn)
    adapter.on_turn_error = sorry
    says = {
        "small": ["hello", "tea", "many", "3", "bye"],
        "large": ["hello", "tea", "20", "Contoso"],
        "wrong": ["hello", "nothing"],
    }
    for conversation, texts in says.items():
        adapter.template.conversation = ConversationAccount(id=conversation)
        for text in texts:
            await adapter.process_activity(message(text), adapter.logic)
    print([activity.text for activity in adapter.activity_buffer if activity.type == ActivityTypes.message])


asyncio.run(main())
