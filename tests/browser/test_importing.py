"""A manager imports a dirty file of 2,000 rows, sees what's wrong with it, and undoes it."""

import pytest
from django.db.models import Model
from playwright.sync_api import FilePayload, Page, expect

from leads.imports import work
from leads.models import Contact, ContactEmail, ContactPhone, Lead, LeadImport
from smscenter.accounts.models import User
from tests import factories
from tests.browser.conftest import SignIn
from tests.browser.hand import Hand

pytestmark = pytest.mark.once

ROWS = 2_000
HEADER = "Company;Phone;Email;Website;Status;Owner;Country"
GOOD = "Café {0};(415) 555-{0:04};ana{0}@cafe.example;cafe{0}.example;;;US"
BAD = [
    "Café;12345;;;;;",  # a phone number without its area code
    "Café;4.15555E+09;;;;;",  # shortened by a spreadsheet
    "Café;;ana at cafe;;;;",
    "Café;;;no address;;;",
    "Café;;;;Lukewarm;;",
    "Café;;;;;Nobody;",
    "Café;;;;;;Atlantis",
    f"{'Café ' * 80};;;;;;",
    "Café;;;;;;US;more;values",
    ";;;;;;US",
    "Café;#N/A;;;;;",
]
KINDS = 10  # of problems: two are of phone numbers
TABLES: list[type[Model]] = [Lead, Contact, ContactPhone, ContactEmail]


def stored() -> list[list[object]]:
    return [[*model._base_manager.order_by("pk").values()] for model in TABLES]


def let_the_worker_finish() -> None:
    while LeadImport.objects.in_work().exists():
        work.work_on_all()


def test_a_dirty_file_is_imported_and_undone(page: Page, sign_in: SignIn, rep: User) -> None:
    User.objects.filter(pk=rep.pk).update(role=User.Role.MANAGER)
    lead = factories.lead(rep, "Café")
    factories.contact(lead, "+14155550007")  # which a row of the file has, too
    before = stored()
    rows = [
        BAD[n // 100] if n % 100 == 50 and n // 100 < len(BAD) else GOOD.format(n)
        for n in range(ROWS)
    ]
    content = "\r\n".join([HEADER, *rows]).encode("cp1252")
    sign_in(page, rep)
    hand = Hand()

    hand.click(page.get_by_role("link", name="Import leads"))
    hand.actions += 1
    file = FilePayload(name="leads.csv", mimeType="text/csv", buffer=content)
    page.get_by_label("File").set_input_files(file)
    hand.click(page.get_by_role("button", name="Upload file"))
    expect(page.get_by_text("Café 0")).to_be_visible()  # in the right encoding
    hand.click(page.get_by_role("button", name="Check rows"))
    let_the_worker_finish()
    problems = page.get_by_role("region", name="Problems")
    expect(problems.locator(".filter-chip")).to_have_count(KINDS)
    expect(problems.get_by_role("row", name="Row 52 Phone")).to_contain_text("12345")

    hand.click(page.get_by_role("button", name="Import 1,9"))
    let_the_worker_finish()
    expect(page.get_by_text("imported", exact=True)).to_be_visible()
    job = LeadImport.objects.get()
    assert (job.added, job.merged, job.rejected) == (ROWS - 4, 1, 3)

    hand.click(page.get_by_text("Undo import…"))
    hand.click(page.get_by_role("button", name="Undo import", exact=True))
    let_the_worker_finish()
    expect(page.get_by_text("undone", exact=True)).to_be_visible()
    assert stored() == before
    assert hand.actions <= 7
