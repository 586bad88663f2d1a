"""Add, edit, and delete a lead's addresses in place."""

from http import HTTPStatus

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from leads.forms import AddressForm
from leads.models import Address, Lead
from leads.views.lead import details_of
from smscenter.accounts.http import MemberRequest, visible


@visible(Lead.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def address_new(request: MemberRequest, lead: Lead) -> HttpResponse:
    return edit(request, Address(lead=lead, organization=lead.organization))


@visible(lambda: Address.objects.select_related("lead__organization"))
@require_http_methods(["GET", "HEAD", "POST"])
def address_edit(request: MemberRequest, address: Address) -> HttpResponse:
    return edit(request, address)


@visible(lambda: Address.objects.select_related("lead__organization"))
@require_POST
def address_delete(request: MemberRequest, address: Address) -> HttpResponse:
    with transaction.atomic():
        address.delete()
    return details_of(request, address.lead, "address_new")


def edit(request: MemberRequest, address: Address) -> HttpResponse:
    form = AddressForm(request.POST or None, instance=address)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            saved = form.save()
        return details_of(request, address.lead, f"address_{saved.pk}")
    context = {"form": form, "address": address, "lead": address.lead}
    template = "leads/_address_form.html" if request.htmx else "leads/address_form.html"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    response = render(request, template, context, status=status)
    if form.is_bound and request.htmx:
        # Errors replace the form, not all details.
        response["HX-Retarget"] = f"#address-{address.pk or 'new'}"
    return response
