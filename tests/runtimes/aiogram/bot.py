"""An order bot on aiogram, driven offline: the session answers for Telegram."""

# packages: aiogram

import asyncio
import itertools
import logging
from typing import Any

from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.base import BaseSession
from aiogram.dispatcher.event.bases import SkipHandler
from aiogram.filters import Command, StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.fsm.scene import Scene, SceneRegistry, on
from aiogram.fsm.state import State, StatesGroup
from aiogram.methods import SendMessage
from aiogram.types import CallbackQuery, ErrorEvent, Message, Update

log = logging.getLogger("orders")
numbers = itertools.count(1)
sent: list[str] = []
router = Router(name="orders")


class Telegram(BaseSession):
    """Answers each call of the Bot API as Telegram does."""

    async def close(self) -> None: ...

    async def make_request(self, bot: Bot, method: Any, timeout: Any = None) -> Any:  # noqa: ASYNC109 - aiogram's name
        sent.append(f"{method.__api_method__} {method.model_dump(include={'chat_id', 'text'})}")
        if method.__api_method__ != "sendMessage":
            return True
        chat = {"id": int(method.chat_id), "type": "private"}
        message = {"message_id": next(numbers), "date": 0, "chat": chat, "text": method.text}
        return Message.model_validate(message, context={"bot": bot})

    async def stream_content(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError
        yield b""


class Order(StatesGroup):
    order_id = State()
    confirm = State()


class Delivery(Scene, state="delivery"):
    @on.message.enter()
    async def ask(self, message: Message) -> None:
        await message.answer("Which day?")

    @on.message(F.text == "stop")
    async def stop(self, message: Message) -> None:
        await self.wizard.exit()

    @on.message()
    async def got_day(self, message: Message) -> None:
        await self.wizard.retake()


@router.message(Command("order"))
async def skipped(message: Message) -> None:
    raise SkipHandler


@router.message(Command("order"))
async def order(message: Message, state: FSMContext) -> None:
    await state.set_state(Order.order_id)
    await message.answer("What is your order id?")


@router.message(Order.order_id, F.text.isdigit())
async def got_order_id(message: Message, state: FSMContext) -> None:
    log.warning("looking up an order")
    await state.update_data(order_id=message.text)
    await state.set_state(Order.confirm)
    await message.answer("Shall I send it again?")


@router.message(Order.order_id, F.text == "bad")
async def broken_order_id(message: Message) -> None:
    raise KeyError("no such order")


@router.message(StateFilter(Order.order_id))
def not_an_id(message: Message) -> SendMessage:
    return SendMessage(chat_id=message.chat.id, text="That is no order id.")  # in a thread, and as the answer


@router.callback_query(Order.confirm)
async def confirmed(query: CallbackQuery, state: FSMContext) -> None:
    await query.answer()
    await query.message.answer("It is on its way.")
    await state.clear()


@router.message(Command("hello"))
async def greet(message: Message) -> None:
    await message.answer("Hello!")


@router.error()
async def apologise(event: ErrorEvent) -> None:
    await event.update.message.answer("Sorry, that went wrong.")


def update(user: int, text: str | None = None, button: str | None = None, chat: int | None = None) -> dict[str, Any]:
    sender = {"id": user, "is_bot": False, "first_name": "Ann"}
    kind = "private" if chat is None else "group"
    message = {"message_id": next(numbers), "date": 0, "chat": {"id": chat or user, "type": kind}, "from": sender}
    body: dict[str, Any] = {"update_id": next(numbers)}
    if text is not None:
        return {**body, "message": {**message, "text": text}}
    return {
        **body,
        "callback_query": {"id": "1", "from": sender, "chat_instance": "1", "data": button, "message": message},
    }


async def main() -> None:
    bot = Bot("1:secret", session=Telegram())
    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    SceneRegistry(dispatcher).add(Delivery)
    router.message.register(Delivery.as_handler(), Command("delivery"))

    async def say(user: int, text: str | None = None, **more: Any) -> None:
        raw = update(user, text, **more)
        await dispatcher.feed_update(bot, Update.model_validate(raw, context={"bot": bot}))

    await say(21, "/order")
    await say(21, "what?")
    await say(21, "4711")
    await say(21, button="yes")

    await say(22, "/order")
    await say(22, "bad")

    await say(23, "/delivery")
    await say(23, "monday")
    await say(23, "stop")

    await say(24, "/hello", chat=-900)
    await asyncio.gather(*(say(100 + user, "/hello") for user in range(5)))
    print(*sorted(sent), sep="\n")


if __name__ == "__main__":
    asyncio.run(main())
