"""Importing a file of leads: match columns, check, import, and undo, without a worker."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone
from openpyxl import Workbook

from leads.imports import retention, rows, work
from leads.imports.encodings import delimiter_of, encoding_of
from leads.models import (
    Address,
    Contact,
    ContactEmail,
    ContactPhone,
    CustomField,
    ImportRow,
    Lead,
    LeadChange,
    LeadImport,
    LeadStatus,
    Note,
)
from messaging.models import Consent, OptOut
from smscenter.accounts.models import User
from smscenter.audit.models import AuditRecord
from smscenter.middleware.limits import BodyLimitMiddleware
from tests import factories
from tests.html import html_of
from tests.leads.importing import check, move, upload

TABLES: tuple[type[Model], ...] = (
    Lead, Contact, ContactPhone, ContactEmail, Address, CustomField, LeadChange, ImportRow,
)  # fmt: skip


def tally(job: LeadImport) -> tuple[int, int, int, int]:
    return job.added, job.merged, job.skipped, job.rejected


def snapshot() -> dict[str, list[Any]]:
    """Return all rows of the tables that an import writes."""
    return {model.__name__: list(model._base_manager.order_by("pk").values()) for model in TABLES}


@pytest.mark.once
def test_a_row_becomes_a_lead_with_all_its_parts(as_manager: Client, manager: User) -> None:
    job = upload(
        as_manager,
        "Company;First Name;Last Name;Mobile;Work phone;E-Mail;Budget;City;Record ID\n"
        "Bäckerei;Ada;Löwe;(415) 555-0123 ext. 7;415.555.0177;ADA@Example.com;$1,200;Boston;A-1\n",
    )
    job = check(as_manager, job, column_6="new:number")
    assert (job.state, tally(job)) == ("ready", (1, 0, 0, 0))
    assert not CustomField.objects.exists()
    job = move(as_manager, job, "start")
    assert (job.state, tally(job)) == ("done", (1, 0, 0, 0))
    lead = Lead.objects.get()
    assert (lead.name, lead.external_id, lead.custom) == ("Bäckerei", "A-1", {"Budget": 1200})
    assert lead.created_by == manager
    assert str(lead.contacts.get()) == "Ada Löwe"
    phones = ContactPhone.objects.values_list("phone", "extension", "label")
    assert [*phones] == [("+14155550123", "7", "mobile"), ("+14155550177", "", "office")]
    assert ContactEmail.objects.get().email == "ada@example.com"
    assert lead.addresses.get().city == "Boston"


@pytest.mark.once
def test_a_renamed_custom_field_keeps_its_key(as_manager: Client, manager: User) -> None:
    field = CustomField(organization=manager.organization, name="Budget", kind="number")
    field.rename("Deal size")
    field.save()
    job = check(as_manager, upload(as_manager, "Company,Deal size\nBakery,1200\n"))
    move(as_manager, job, "start")
    assert Lead.objects.get().custom == {"Budget": 1200}


@pytest.mark.once
def test_a_removed_custom_field_has_to_be_restored_first(as_manager: Client, manager: User) -> None:
    own = {"organization": manager.organization, "kind": "number", "removed": timezone.now()}
    CustomField.objects.create(**own, name="Budget")
    job = upload(as_manager, "Company,Budget\nBakery,1200\n")
    fields = {"column_0": "name", "column_1": "new:number"}
    response = as_manager.post(f"{job.get_absolute_url()}columns/", fields)
    assert "You removed the custom field “Budget”." in html_of(response)


@pytest.mark.once
def test_imports_and_their_undo_are_in_the_audit_log(as_manager: Client, manager: User) -> None:
    job = check(as_manager, upload(as_manager, "Company\nBakery\n"))
    move(as_manager, job, "start")
    move(as_manager, job, "undo")
    assert {
        f"{manager} imported leads from leads.csv",
        f"{manager} undid: import of leads from leads.csv",
    } <= {*AuditRecord.objects.values_list("summary", flat=True)}


@pytest.mark.once
def test_an_import_whose_rows_are_lost_says_so(as_manager: Client, manager: User) -> None:
    job = check(as_manager, upload(as_manager, "Company\nBakery\n"))
    job.file.storage.delete(rows.path(job))
    page = as_manager.post(f"{job.get_absolute_url()}move/", {"move": "start"}, follow=True)
    assert "this file anymore. Upload it again." in html_of(page)
    LeadImport.objects.update(state="importing")
    assert not work.step(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem) == ("canceled", work.LOST)
    assert not Lead.objects.exists()


@pytest.mark.parametrize(
    ("duplicates", "expected", "url"),
    [
        ("merge", (1, 2, 0, 0), "https://new.example"),
        ("skip", (1, 0, 2, 0), ""),
        ("add", (3, 0, 0, 0), ""),
    ],
)
def test_a_duplicate_does_what_was_chosen(
    as_manager: Client, lead: Lead, duplicates: str, expected: tuple[int, ...], url: str
) -> None:
    factories.contact(lead, "+14155550123")
    job = upload(
        as_manager,
        "Name,Phone,Email,Website\n"
        "Same number,415 555 0123,b@example.com,new.example\n"
        "New,,c@example.com,\n"
        "Again,,C@example.com,\n",
    )
    job = check(as_manager, job, duplicates=duplicates)
    assert tally(job) == expected
    job = move(as_manager, job, "start")
    assert tally(job) == expected
    lead.refresh_from_db()
    assert (lead.name, lead.url) == ("Bluebird Bakery", url)


def test_undo_restores_exactly_what_was_before(
    as_manager: Client, manager: User, lead: Lead
) -> None:
    factories.contact(lead, "+14155550123")
    CustomField.objects.create(organization=lead.organization, name="Size")
    LeadStatus.objects.create(organization=lead.organization, label="Won")
    before = snapshot()
    job = upload(
        as_manager,
        "Name,Contact,Phone,Email,Status,Owner,Size,Color,City\n"
        "Renamed,Ada Baker,4155550123,ada@example.com,Won,rita,L,red,Boston\n"
        "Renamed again,Cyd,4155550123; 4155550124,cyd@example.com,New,,M,,Austin\n"
        "Fresh,Bob,4155550150,,New,,,,\n"
        "Fresh again,Eve,4155550150,eve@example.com,Won,rita,S,blue,Salem\n",
    )
    job = check(as_manager, job, overwrites="on", column_7="new:text")
    job = move(as_manager, job, "start")
    assert tally(job) == (1, 3, 0, 0)
    assert snapshot() != before
    job = move(as_manager, job, "undo")
    assert (job.state, job.undone) == ("undone", 4)
    assert snapshot() == before


def test_undo_keeps_what_someone_used_or_changed(
    as_manager: Client, manager: User, lead: Lead
) -> None:
    factories.contact(lead, "+14155550123")
    job = upload(
        as_manager,
        "Name,Phone,Website\n,4155550123,new.example\nNoted,4155550150,\nEdited,4155550151,\n"
        "Gone,4155550152,\n",
    )
    job = move(as_manager, check(as_manager, job), "start")
    noted = Lead.objects.get(name="Noted")
    Note.objects.create(organization=noted.organization, lead=noted, user=manager, text="Called")
    Lead.objects.filter(name="Edited").update(description="Friendly")
    Lead.objects.filter(pk=lead.pk).update(url="https://own.example")
    job = move(as_manager, job, "undo")
    assert {*Lead.objects.values_list("name", flat=True)} == {"Bluebird Bakery", "Noted", "Edited"}
    html = as_manager.get(job.get_absolute_url()).text
    for sentence in (
        "Used since then: notes.",
        "Someone has changed this lead",
        "Changed since then: url.",
    ):
        assert sentence in html


@pytest.mark.once
def test_every_problem_is_listed_by_row_and_column(as_manager: Client, manager: User) -> None:
    job = upload(
        as_manager,
        "Name,Phone,Email,Status,Owner,Website,Size,Opt in date,Opt in method\n"
        "A,12345,a@,Frozen,nobody,not a site,#REF!,2999-01-01,Form\n"
        "B,4.15E+09,b@example.com,,,,,2026-01-05,\n"
        ",,,,,,7,,\n"
        "D,,,,,,,,,extra\n",
    )
    job = check(as_manager, job, column_6="new:number")
    found = job.problems.values_list("number", "column", "code", "is_fatal")
    assert [*found] == [
        (2, 1, "phone", False),
        (2, 2, "email", False),
        (2, 3, "status", False),
        (2, 4, "owner", False),
        (2, 5, "url", False),
        (2, 6, "sheet_error", False),
        (2, None, "consent", False),
        (3, 1, "phone", False),
        (3, None, "consent", False),
        (4, None, "nothing", True),
        (5, None, "too_many", True),
    ]
    page = as_manager.get(f"{job.get_absolute_url()}?problem=phone").text
    assert "Shortened by a spreadsheet" in page
    assert "Has no name" not in page
    file = as_manager.get(f"{job.get_absolute_url()}problems/").getvalue().decode()
    assert file.count("\n") == 3
    assert '"D"' in file
    assert "Has 10 values, but the file has 9 columns." in file
    job = check(as_manager, move(as_manager, job, "change"), is_strict="on", column_6="new:number")
    assert job.rejected == 4


@pytest.mark.once
def test_a_workbook_is_read_like_csv_and_its_formulas_are_text(as_manager: Client) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Name", "Phone", "Since"])
    sheet.append(["=1+1", 4155550123, timezone.now().replace(tzinfo=None, microsecond=0)])
    sheet.append(["+plus@home", "415 555 0124", None])
    file = BytesIO()
    book.save(file)
    job = upload(as_manager, file.getvalue())
    assert (job.state, job.total, job.columns[:2]) == ("mapping", 2, ["name", "phone"])
    job = move(as_manager, check(as_manager, job), "start")
    # openpyxl computes no formula, so it has no value: the lead is known by its number.
    names = Lead.objects.order_by("pk").values_list("name", flat=True)
    assert [*names] == ["(415) 555-0123", "+plus@home"]
    assert upload(as_manager, file.getvalue()[:200]).state == "unreadable"


@pytest.mark.once
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_the_encoding_is_recognized(encoding: str) -> None:
    text = "Name,City\nJosé Núñez,Montréal\nZoë Müller,Zürich\n"
    file = BytesIO(text.encode(encoding))
    assert file.getvalue().decode(encoding_of(file)) == text


@pytest.mark.once
def test_the_delimiter_is_recognized() -> None:
    assert delimiter_of(["sep=;\n", "a,b,c\n"]) == ";"
    for mark in ",;\t|":
        assert delimiter_of([f"a{mark}b{mark}c\n", f'"x{mark}y"{mark}1{mark}2, 3\n']) == mark
    assert delimiter_of(["Name\n", "Ada\n"]) == ","


@pytest.mark.once
def test_columns_are_remembered_and_recognized_without_a_header(as_manager: Client) -> None:
    job = upload(as_manager, "4155550123,ada@example.com,Ada\n4155550124,b@example.com,Bo\n")
    assert (job.has_header, job.total, job.columns) == (False, 2, ["phone", "email", ""])
    job = upload(as_manager, "Foo,Phone\nx,4155550123\n")
    assert job.columns == ["", "phone"]
    check(as_manager, job, column_0="title")
    assert upload(as_manager, "FOO,phone\ny,4155550124\n").columns == ["title", "phone"]
    job = upload(as_manager, "José,4155550123\n".encode("mac_roman"))
    at = f"{job.get_absolute_url()}format/"
    as_manager.post(at, {"encoding": "cp1252", "delimiter": ",", "has_header": ""})
    job.refresh_from_db()
    assert job.sample[0][0] == "JosŽ"


def test_consent_is_recorded_once_and_ends_no_opt_out(as_manager: Client, manager: User) -> None:
    organization = manager.organization
    assert organization is not None
    OptOut.objects.record(organization, "+14155550123", source=OptOut.Source.STAFF)
    content = (
        "Name,Phone,Consent date,Consent method,Consent source\n"
        "A,4155550123,01/05/2026 3:30 PM,Web form,Fair\n"
        "A,4155550123,01/06/2026,Call,\n"
    )
    for _ in range(2):
        move(as_manager, check(as_manager, upload(as_manager, content)), "start")
    first, second = Consent.objects.order_by("pk")
    assert (first.method, first.place, first.recorded_by) == ("Web form", "Fair", manager)
    assert timezone.localtime(first.given, manager.zone).hour == 15
    assert second.supersedes == first
    assert OptOut.objects.in_force().count() == 1


def test_a_list_of_opt_outs(as_manager: Client, manager: User) -> None:
    content = "Phone,Date,Note\n4155550123,2026-01-05,Asked by mail\n4155550123,,\n12,,\n"
    job = upload(as_manager, content, "/opt-outs/import/")
    job = check(as_manager, job)
    assert tally(job) == (1, 0, 1, 1)
    job = move(as_manager, job, "start")
    assert tally(job) == (1, 0, 1, 1)
    assert not job.can_be_undone
    opt_out = OptOut.objects.get()
    assert (opt_out.words, opt_out.decided_by) == ("Asked by mail", manager)
    assert timezone.localtime(opt_out.created, manager.zone).isoformat()[:10] == "2026-01-05"


def test_an_import_is_canceled_and_resumed(
    as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)
    job = check(as_manager, upload(as_manager, "Name\n" + "".join(f"L{n}\n" for n in range(5))))
    while work.step(job.pk):
        pass
    job.refresh_from_db()
    as_manager.post(f"{job.get_absolute_url()}move/", {"move": "start"})
    work.step(job.pk)
    as_manager.post(f"{job.get_absolute_url()}move/", {"move": "cancel"})
    assert 0 < Lead.objects.count() < 5
    assert "Canceled after" in as_manager.get(job.get_absolute_url()).text
    job = move(as_manager, job, "resume")
    assert (job.state, job.added) == ("done", 5)
    assert Lead.objects.count() == 5


@pytest.mark.once
def test_reps_cannot_import(as_rep: Client, rep: User) -> None:
    job = factories.lead_import(rep)
    for at in ("/leads/import/", "/opt-outs/import/", job.get_absolute_url()):
        assert as_rep.get(at).status_code == 403
    assert as_rep.post(f"{job.get_absolute_url()}move/", {"move": "discard"}).status_code == 403
    assert "Import leads" not in as_rep.get("/leads/").text


@pytest.mark.once
@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [("/leads/new/", 40, 413), ("/leads/import/", 40, 200), ("/leads/import/", 52, 413)],
)
def test_only_uploads_of_imports_may_be_large(path: str, megabytes: int, status: int) -> None:
    request = RequestFactory().post(path, CONTENT_LENGTH=str(megabytes * 1024 * 1024))
    request.user = AnonymousUser()
    assert BodyLimitMiddleware(lambda _: HttpResponse())(request).status_code == status


@pytest.mark.django_db(transaction=True)
def test_files_and_rows_are_deleted_after_30_days(as_manager: Client, private_files: Any) -> None:
    job = move(as_manager, check(as_manager, upload(as_manager, "Name\nA\n")), "start")
    upload(as_manager, "Name\nnever started\n")
    retention.delete_old()
    assert job.can_be_undone
    LeadImport.objects.update(created=timezone.now() - timedelta(days=30, minutes=1))
    retention.delete_old()
    job = LeadImport.objects.get()
    assert (job.name, job.can_be_undone) == ("leads.csv", False)
    assert not ImportRow.objects.exists()
    assert not [path for path in private_files.rglob("*") if path.is_file()]


def test_the_command_imports_the_same(
    manager: User, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Name,Phone\nA,4155550123\nB,12\n")
    assert manager.organization is not None
    slug = manager.organization.slug
    call_command("import_leads", str(path), organization=slug, dry_run=True)
    assert "Would be: 2 added" in capsys.readouterr().out
    assert not LeadImport.objects.exists()
    call_command("import_leads", str(path), organization=slug)
    assert "row 3, Phone: This is a short number." in capsys.readouterr().out
    assert Lead.objects.count() == 2
