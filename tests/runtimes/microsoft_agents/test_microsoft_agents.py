"""The order bot on microsoft-agents-hosting-dialogs."""

from tests.runtimes.order_dialogs import *  # noqa: F403 - the tests are the same for both packages
