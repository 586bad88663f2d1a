"""A first visit loads little, all of it compressed, and from one host."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from leads.models import Lead, Note
from messaging.models import MessageTemplate
from smscenter.accounts.models import User
from tests import factories

MOST_BYTES = 60 * 1024
# Static files are compressed once, so at the highest level. Pages are compressed by Django.
FILE = re.compile(r'(?:src|href)="/static/([^"]+)"')
ELSEWHERE = re.compile(r'<(?:script|link|img|source)[^>]+(?:src|href|srcset)="(?!/)')


@pytest.fixture
def lead(rep: User) -> Lead:
    """Return one of many leads, with a long timeline."""
    lead = [factories.lead(rep, f"Bluebird Bakery {number}") for number in range(60)][-1]
    own = {"organization": lead.organization}
    contact, sender = factories.contact(lead), factories.sender(lead.organization)
    MessageTemplate.objects.create(**own, name="Follow-up", text="Hello!")
    for number in range(40):
        status = "error" if number % 2 else "sent"
        factories.message(
            lead,
            contact=contact,
            sender=sender,
            status=status,
            reason="spam" if number % 2 else "",
            text=f"Text {number}: could you send a photo of the meter?",
        )
    Note.objects.create(**own, lead=lead, user=rep, text="Wants to sign soon.")
    return lead


@pytest.mark.once
def test_a_first_visit_is_small(as_rep: Client, lead: Lead) -> None:
    for path in ("/leads/", lead.get_absolute_url()):
        response = as_rep.get(path, HTTP_ACCEPT_ENCODING="gzip")
        assert response["Content-Encoding"] == "gzip"
        page = gzip.decompress(response.content).decode()
        assert not ELSEWHERE.search(page)
        files = [Path(str(finders.find(name))) for name in set(FILE.findall(page))]
        sizes = [len(gzip.compress(file.read_bytes())) for file in files]
        assert len(sizes) > 10
        assert len(response.content) + sum(sizes) <= MOST_BYTES, path


@pytest.mark.once
def test_only_pages_are_compressed(as_rep: Client, lead: Lead) -> None:
    for path in ("/leads/export/", "/healthz", f"/leads/{lead.pk}/unknown/"):
        response = as_rep.get(path, HTTP_ACCEPT_ENCODING="gzip")
        assert response.has_header("Content-Encoding") is (response.status_code == 404)
