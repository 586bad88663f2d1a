"""Import a file as a person does, without a worker."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from leads.imports import work
from leads.models import LeadImport


def upload(client: Client, content: str | bytes, at: str = "/leads/import/") -> LeadImport:
    data = content if isinstance(content, bytes) else content.encode()
    response = client.post(at, {"file": SimpleUploadedFile("leads.csv", data)})
    assert response.status_code == 302, response.context["form"].errors
    return LeadImport.objects.latest("pk")


def check(client: Client, job: LeadImport, **changes: Any) -> LeadImport:
    """Match the columns as guessed, with these changes."""
    form = client.get(job.get_absolute_url()).context["form"]
    fields = {field.name: field.value() for field in form if field.value() not in (None, False)}
    response = client.post(f"{job.get_absolute_url()}columns/", fields | changes)
    assert response.status_code == 302, response.context["form"].errors
    job.refresh_from_db()
    return job


def move(client: Client, job: LeadImport, name: str) -> LeadImport:
    client.post(f"{job.get_absolute_url()}move/", {"move": name})
    while work.step(job.pk):
        pass
    job.refresh_from_db()
    return job
