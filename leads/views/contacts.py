from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import retarget, trigger_client_event

from leads.forms import ContactEmailFormSet, ContactForm, ContactPhoneFormSet
from leads.models import Contact, Lead
from leads.views.lead import with_contacts
from smscenter import undo
from smscenter.accounts.http import MemberRequest, visible


def contacts_of(
    request: MemberRequest, lead: Lead, focus: int | str, offer: undo.Offer | None = None
) -> HttpResponse:
    """Return the contacts after a change: the section for htmx, else a redirect to the lead."""
    response = contact_cards(request, lead, focus)
    if offer and request.htmx:
        response.write(render_to_string("_undo_toast.html", {"undo": offer}, request))
    elif offer:
        undo.notify(request, offer)
    # Other parts of the page show contacts too, such as the composer's recipients.
    return trigger_client_event(response, "contacts-changed", after="settle")


def contact_cards(request: MemberRequest, lead: Lead, focus: int | str = "") -> HttpResponse:
    """Return the contacts, with the focus on a contact's name, or on "add"."""
    if not request.htmx:
        return redirect(lead)
    context = {"lead": lead} | with_contacts(lead, focus=focus)
    return render(request, "leads/_contacts.html", context)


def edit(request: MemberRequest, contact: Contact) -> HttpResponse:
    data = request.POST or None
    forms: dict[str, Any] = {
        "form": ContactForm(data, instance=contact),
        "phones": ContactPhoneFormSet(data, instance=contact, prefix="phones"),
        "emails": ContactEmailFormSet(data, instance=contact, prefix="emails"),
    }
    # Validate all forms, so that every error is shown at once.
    if request.method == "POST" and all([form.is_valid() for form in forms.values()]):  # noqa: C419
        offer = removal(request, forms)
        saved = forms["form"].save_once(lambda: save_all(contact, forms.values()))
        return contacts_of(request, contact.lead, saved.pk, offer)
    context = forms | {"contact": contact, "lead": contact.lead}
    if not request.htmx:
        return render(request, "leads/contact_form.html", context)
    response = render(request, "leads/_contact_form.html", context)
    # Errors replace the form, not all contacts.
    return retarget(response, f"#contact-{contact.pk or 'new'}")


def removal(request: MemberRequest, forms: dict[str, Any]) -> undo.Offer | None:
    """Offer to undo the removal of phone numbers and email addresses, if there are any."""
    sets = forms["phones"], forms["emails"]
    rows = [form.instance for each in sets for form in each.deleted_forms if form.instance.pk]
    if not rows:
        return None
    text = f"{' and '.join(map(str, rows))} removed."
    return undo.offer(request, text, "deletion", undo.deletion(rows))


def save_all(contact: Contact, forms: Iterable[Any]) -> Contact:
    if contact.pk:
        # Locked, so that the same form posted twice adds a number once.
        get_object_or_404(Contact.objects.select_for_update(), pk=contact.pk)
    for form in forms:
        form.save()
    return contact


@visible(Lead.objects.for_page)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: MemberRequest, lead: Lead) -> HttpResponse:
    return edit(request, Contact(lead=lead, organization=lead.organization))


@visible(lambda: Contact.objects.select_related("lead__organization"))
@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: MemberRequest, contact: Contact) -> HttpResponse:
    return edit(request, contact)


@visible(lambda: Contact.objects.select_related("lead__organization"))
@require_POST
def contact_delete(request: MemberRequest, contact: Contact) -> HttpResponse:
    offer = undo.offer(request, f"{contact} deleted.", "deletion", undo.deletion([contact]))
    with transaction.atomic():
        contact.delete()
    return contacts_of(request, contact.lead, "add", offer)


@visible(Lead.objects.for_page)
@require_GET
def contact_list(request: MemberRequest, lead: Lead) -> HttpResponse:
    """Show only the contacts, after Cancel or when facts about their numbers change."""
    return contact_cards(request, lead, request.GET.get("focus", ""))
