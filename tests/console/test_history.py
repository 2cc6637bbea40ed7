"""The complete history by browser: standing orders, what was dropped brought back, changed policies tried."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import Visits
from tests.console.running_service import RunningService
from tests.console.scenarios import farewell
from tests.console.steps import told

_POLICIES = """\
processors:
  tail_sampling:
    policies:
      - {name: only-kettles, type: string_attribute, string_attribute: {key: bot.id, values: [kettle]}}
"""


@pytest.mark.browser
def test_grants_are_made_listed_and_revoked(visits: Visits, new_id: Callable[[str], str]) -> None:
    """A grant needs a scope, is in the list with its reason until it is revoked, and that asks once more."""
    user = new_id("user")
    page = visits.open(f"/grants.html?user_id={user}")
    form, table = page.get_by_role("form", name="New grant"), page.get_by_role("region", name="Grants")

    form.get_by_label("User").fill("")
    form.get_by_label("Reason").fill("launch <b>week</b>")
    form.get_by_role("button", name="Grant").click()
    expect(page.get_by_role("status")).to_contain_text("Say what to keep")
    form.get_by_label("User").fill(user)
    form.get_by_role("button", name="Grant").click()
    granted = table.get_by_role("row").filter(has_text=user)
    expect(granted).to_contain_text("launch <b>week</b>")
    granted.get_by_role("button", name="Revoke the grant").click()
    expect(granted).to_be_visible()
    granted.get_by_role("button", name="Revoke the grant").click()

    expect(page.get_by_role("status")).to_contain_text("Revoked")
    expect(granted).to_have_count(0)


@pytest.mark.browser
def test_dropped_is_brought_back_and_policies_are_tried(
    visits: Visits, service: RunningService, new_id: Callable[[str], str], tmp_path: Path
) -> None:
    """What was dropped is restored by its id; a file of other policies says what it would have kept and lost."""
    visits.tolerate("400", "404")
    lost = farewell(told(new_id("lost"), "canary", bot="noise"))
    service.hear(lost)
    page = visits.open(f"/conversation.html?id={lost.conversation}")
    expect(page.get_by_role("heading", name="Sampled out")).to_be_visible(timeout=60_000)

    page.get_by_role("link", name="make a grant").click()
    expect(page.get_by_role("form", name="New grant").get_by_label("Bot")).to_have_value("noise")
    restore = page.get_by_role("form", name="Restore")
    restore.get_by_label("Conversation").fill("nobody-at-all")
    restore.get_by_role("button").click()
    expect(page.get_by_role("status")).to_contain_text("there is no receipt")
    restore.get_by_label("Conversation").fill(lost.conversation)
    restore.get_by_role("button").click()
    page.get_by_role("status").get_by_role("link", name=lost.conversation).click()
    expect(page.get_by_role("region", name="Transcript")).to_contain_text("Have a good day!", timeout=60_000)

    page.get_by_role("link", name="What if").click()
    page.get_by_label("Policies (YAML)").fill("policies: [{name: a, type: latncy}]")
    page.get_by_role("button", name="What if?").click()
    expect(page.get_by_role("status")).to_contain_text("did you mean 'latency'")
    file = tmp_path / "policies.yaml"
    file.write_text(_POLICIES, encoding="utf-8")
    page.get_by_label("Load a policy file").set_input_files(file)
    expect(page.get_by_role("status")).to_contain_text("policies.yaml is loaded")
    page.get_by_role("button", name="What if?").click()

    effect = page.get_by_role("region", name="Effect")
    expect(effect.locator(".share")).to_contain_text(re.compile(r"\d+ of \d+ conversations?"))
    expect(effect.get_by_role("row").filter(has_text="noise").first).to_be_visible()
    section = effect.locator("section").filter(has_text="Lost with errors")
    expect(section.get_by_role("link", name=lost.conversation)).to_be_visible()
