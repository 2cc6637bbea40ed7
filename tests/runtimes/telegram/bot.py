"""An order bot on python-telegram-bot, driven offline: Telegram itself is a request class that answers from here."""

# packages: telegram

import asyncio
import itertools
import json
import logging
from typing import Any

from telegram import Update
from telegram.ext import (
    Application,
    ApplicationHandlerStop,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    TypeHandler,
    filters,
)
from telegram.request import BaseRequest

ASK_ORDER_ID, CONFIRM = range(2)
BLOCKED_CHAT = 666
log = logging.getLogger("orders")
numbers = itertools.count(1)
sent: list[tuple[str, dict[str, Any]]] = []


class Telegram(BaseRequest):
    """Answers each call of the Bot API as Telegram does."""

    read_timeout = 1

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, url: str, method: str, request_data: Any = None, **_: Any) -> tuple[int, bytes]:
        endpoint, data = url.rpartition("/")[2], dict(request_data.parameters) if request_data else {}
        sent.append((endpoint, data))
        if endpoint == "getMe":
            result: Any = {"id": 1, "is_bot": True, "first_name": "Shop", "username": "shop_bot"}
        elif endpoint == "sendMessage":
            chat = {"id": int(data["chat_id"]), "type": "private"}
            result = {"message_id": next(numbers), "date": 0, "chat": chat, "text": data["text"]}
        else:
            result = True
        return 200, json.dumps({"ok": True, "result": result}).encode()


Context = ContextTypes.DEFAULT_TYPE


async def gate(update: Update, context: Context) -> None:
    if update.effective_chat and update.effective_chat.id == BLOCKED_CHAT:
        raise ApplicationHandlerStop


async def order(update: Update, context: Context) -> int:
    await update.message.reply_text("What is your order id?")
    return ASK_ORDER_ID


async def got_order_id(update: Update, context: Context) -> int:
    log.warning("looking up an order")
    await update.message.reply_text("Shall I send it again?")
    return CONFIRM


async def broken_order_id(update: Update, context: Context) -> int:
    raise KeyError("no such order")


async def not_an_id(update: Update, context: Context) -> None:
    await update.message.reply_text("That is no order id.")


async def confirmed(update: Update, context: Context) -> int:
    await update.callback_query.answer()
    await update.effective_chat.send_message("It is on its way.")
    return ConversationHandler.END


async def ask_day(update: Update, context: Context) -> str:
    await update.message.reply_text("Which day?")
    return "day"


async def got_day(update: Update, context: Context) -> int:
    return ConversationHandler.END


async def too_late(update: Update, context: Context) -> None:
    await update.effective_chat.send_message("You were gone too long.")


async def greet(update: Update, context: Context) -> None:
    await update.message.reply_text("Hello!")


async def apologise(update: object, context: Context) -> None:
    await update.effective_chat.send_message("Sorry, that went wrong.")


def shop() -> Application:
    delivery = ConversationHandler(
        entry_points=[CommandHandler("delivery", ask_day)],
        states={"day": [MessageHandler(filters.TEXT, got_day)]},
        fallbacks=[],
        name="delivery",
        map_to_parent={ConversationHandler.END: CONFIRM},
    )
    orders = ConversationHandler(
        entry_points=[CommandHandler("order", order)],
        states={
            ASK_ORDER_ID: [
                MessageHandler(filters.Regex(r"^\d+$"), got_order_id),
                MessageHandler(filters.Regex("^bad$"), broken_order_id, block=False),
            ],
            CONFIRM: [CallbackQueryHandler(confirmed), delivery],
            ConversationHandler.TIMEOUT: [TypeHandler(Update, too_late)],
        },
        fallbacks=[MessageHandler(filters.TEXT, not_an_id)],
        name="orders",
        conversation_timeout=1,
        per_message=False,
    )
    builder = Application.builder().token("1:secret").request(Telegram()).get_updates_request(Telegram())
    application = builder.concurrent_updates(True).build()
    application.add_handler(TypeHandler(Update, gate), group=-1)
    application.add_handler(orders)
    application.add_handler(CommandHandler("hello", greet))
    application.add_error_handler(apologise)
    return application


def update(application: Application, user: int, *, text: str | None = None, button: str | None = None) -> Update:
    sender = {"id": user, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": next(numbers), "date": 0, "chat": {"id": user, "type": "private"}, "from": sender}
    body: dict[str, Any] = {"update_id": next(numbers)}
    if text is not None:
        entities = [{"type": "bot_command", "offset": 0, "length": len(text)}] if text.startswith("/") else []
        body["message"] = {**message, "text": text, "entities": entities}
    else:
        body["callback_query"] = {"id": "1", "from": sender, "chat_instance": "1", "data": button, "message": message}
    return Update.de_json(body, application.bot)


async def until_sent(text: str) -> None:
    async with asyncio.timeout(60):
        while not any(data.get("text") == text for _, data in sent):
            await asyncio.sleep(0.05)


async def talk(application: Application) -> None:
    async def say(user: int, text: str | None = None, button: str | None = None) -> None:
        await application.process_update(update(application, user, text=text, button=button))

    await say(11, "/order")
    await say(11, "what?")
    await say(11, "4711")
    await say(11, button="yes")

    await say(12, "/order")
    await say(12, "bad")
    await until_sent("Sorry, that went wrong.")

    await say(13, "/order")
    await say(13, "4711")
    await say(13, "/delivery")
    await say(13, "monday")
    await say(13, button="yes")

    await say(14, "/order")
    await until_sent("You were gone too long.")

    await say(BLOCKED_CHAT, "/hello")
    await asyncio.gather(*(say(100 + user, "/hello") for user in range(5)))


async def main() -> None:
    application = shop()
    async with application:
        await application.start()
        await talk(application)
        await application.stop()
    print(*sorted(f"{endpoint} {data.get('chat_id')}: {data.get('text')}" for endpoint, data in sent), sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
