"""Leads in bulk, merges, imports, and settings work with plain links and forms, too."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.imports import work
from leads.models import CustomField, Lead, LeadImport, LeadStatus
from messaging.models import SenderNumber
from smscenter.accounts.models import Invitation, User
from tests import factories
from tests.forms import Browser

pytestmark = pytest.mark.once


@pytest.fixture
def browser(rep: User) -> Browser:
    """Sign in as an owner, with the form."""
    User.objects.filter(pk=rep.pk).update(role=User.Role.OWNER)
    browser = Browser(Client(enforce_csrf_checks=True))
    browser.open("/leads/")
    browser.press("Sign in", username=rep.username, password=factories.PASSWORD)
    return browser


def test_leads_are_created_changed_in_bulk_and_merged(browser: Browser, colleague: User) -> None:
    for name in ("Almond Bakery", "Birch Cafe"):
        browser.open("/leads/")
        browser.follow("New lead")
        browser.press("Create lead", name=name, phone="415 555 0122")
        if "exist" in browser.text:
            browser.press("Create anyway")
    lead = Lead.objects.get(name="Birch Cafe")
    browser.open("/leads/")
    assert 'name="ids"' in browser.text
    browser.press("Change selected", ids=[lead.pk], change=f"owner:{colleague.pk}")
    browser.press("Change 1 lead")
    assert Lead.objects.get(owner=colleague) == lead
    browser.press("Undo", "changes")
    assert not Lead.objects.filter(owner=colleague).exists()

    browser.open(lead.get_absolute_url())
    browser.follow("Merge with")
    browser.follow("Almond Bakery")
    browser.press("Merge leads")
    assert "Almond Bakery merged into this lead." in browser.text
    browser.press("Undo", "undo")
    assert "Almond Bakery is a lead of its own again." in browser.text


def test_members_statuses_fields_and_numbers_are_set_up(browser: Browser) -> None:
    browser.open("/settings/")
    browser.follow("Members")
    browser.follow("Invite people")
    browser.press("Send invitations", emails="ada@acme.example", role="manager")
    browser.press("Withdraw")
    assert not Invitation.objects.filter(withdrawn=None).exists()

    browser.follow("Lead statuses")
    browser.follow("New status")
    browser.press("Save status", label="Won", color="green")
    browser.press("Move Won up")
    assert list(LeadStatus.objects.values_list("label", flat=True)) == ["Won", "New"]
    browser.follow("Remove")
    browser.press("Remove")
    browser.press("Restore")
    assert browser.url == "/settings/statuses/"
    browser.follow("Custom fields")
    browser.follow("New field")
    browser.press("Save field", name="Size", kind="choice", choices="S\nL")
    assert CustomField.objects.get().choices == ["S", "L"]

    browser.follow("Sender numbers")
    browser.follow("New number")
    browser.press("Save number", phone="212 555 0199", label="Second line")
    assert SenderNumber.objects.get().label == "Second line"


def test_a_file_is_imported_and_undone(browser: Browser) -> None:
    browser.open("/leads/")
    browser.follow("Import leads")
    file = SimpleUploadedFile("leads.csv", b"Lead,Phone\nCedar Spa,415 555 0133\n", "text/csv")
    browser.press("Upload file", file=file)
    browser.press("Check rows")
    finish(browser)
    browser.press("Import 1 row")
    finish(browser)
    assert Lead.objects.get().name == "Cedar Spa"
    browser.press("Undo import")
    finish(browser)
    assert not Lead.objects.exists()


def finish(browser: Browser) -> None:
    """Let the worker finish, and load the page again."""
    while LeadImport.objects.in_work().exists():
        work.work_on_all()
    browser.open(browser.url)
