from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from messaging.models import SenderNumber, SmsMessage
from smscenter.accounts.models import User
from smscenter.support.models import Evidence, SupportRequest
from smscenter.support.models.draft import DETAILS, OPTIONAL
from smscenter.support.models.states import State
from smscenter.support.requests import evidence
from smscenter.support.requests.uploads import (
    KINDS,
    MOST_FILES,
    MOST_STORED,
    FilesField,
    FilesInput,
    Upload,
)
from smscenter.support.widgets import LongText
from smscenter.wording import lowerfirst

LONGEST_KEY = 18
# The database's integer ends at two thousand million.
MOST_TEXTS = 1_000_000_000
WRITTEN = (*DETAILS, *OPTIONAL)
ADDRESSES = ("website", "opt_in_page")


class RowsField(forms.ModelMultipleChoiceField[Any]):
    def clean(self, value: Any) -> Any:
        # More digits than a key has: SQLite raises an error of its own.
        if any(len(str(pk)) > LONGEST_KEY for pk in value or ()):
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": "…"})
        return super().clean(value)


class MessageChoiceField(RowsField):
    def label_from_instance(self, obj: SmsMessage) -> str:
        return f"{obj.text} (to {obj.number}: {lowerfirst(obj.why.label)})"


class AddressField(forms.CharField):
    """A web address; what does not parse is kept as it was typed, and warned of on the summary."""

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        try:
            return str(forms.URLField(assume_scheme="https", max_length=200).clean(typed))
        except ValidationError:
            return typed


class WhitelistForm(forms.ModelForm[SupportRequest]):
    """The five documented details, the failed messages that show the mistake, and what helps."""

    website = AddressField(
        label="Website address",
        max_length=200,
        help_text="Of the business that sends these texts.",
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    opted_in = forms.ChoiceField(
        label="Did the recipient opt in at some point?",
        choices=SupportRequest.OptedIn.choices,
        widget=forms.RadioSelect,
    )
    failed_messages = MessageChoiceField(
        SmsMessage.objects.none(),
        required=False,
        label="Failed texts",
        widget=forms.CheckboxSelectMultiple,
        help_text="From the last 72 hours. Carriers usually want three or more.",
    )
    opt_in_page = AddressField(
        label="Page where they opted in",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    volume = forms.IntegerField(
        label="Texts per month", min_value=1, max_value=MOST_TEXTS, required=False
    )
    removed_files = RowsField(
        Evidence.objects.none(),
        required=False,
        label="Files to remove",
        widget=forms.CheckboxSelectMultiple,
    )
    evidence_files = FilesField(
        label="Proof of opt-in",
        required=False,
        help_text=f"For example, a screenshot of your form. {KINDS}; up to {MOST_FILES} files, "
        "5 MB each. Only your organization and support can open them.",
        widget=FilesInput(attrs={"accept": ".png,.jpg,.jpeg,.webp,.pdf,.txt"}),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    # The version of the draft that the page shows, and the page itself.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    page = forms.UUIDField(required=False, widget=forms.HiddenInput)

    field_order = ["website", "content_type", "failed_messages", "examples", *DETAILS]

    class Meta:
        model = SupportRequest
        # The model would refuse an address that does not parse.
        fields = [name for name in WRITTEN if name not in ADDRESSES]
        labels = {
            "relationship": "Relationship between you and the recipient",
            "opt_in_method": "How they opted in",
            "opt_in_date": "When they opted in",
            "opt_in_wording": "What they agreed to, word for word",
            "opt_out_wording": "How your texts explain opting out",
        }
        help_texts = {
            "content_type": "For example, appointment reminders, replies to inquiries, or offers.",
            "examples": "Exactly as you send them.",
            "relationship": "For example, customers who booked with us.",
            "opt_in_method": "For example, a web form, by phone, or on paper.",
            "opt_out_wording": "For example, “Reply STOP to opt out.”",
        }
        widgets = {
            "examples": LongText(attrs={"rows": 6}),
            "relationship": LongText(attrs={"rows": 3}),
            "opt_in_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "opt_in_wording": LongText(attrs={"rows": 2}),
            "opt_out_wording": LongText(attrs={"rows": 2}),
        }

    def __init__(
        self,
        data: QueryDict | None,
        files: MultiValueDict[str, Any] | None = None,
        *,
        instance: SupportRequest,
        user: User,
        message: SmsMessage | None = None,
    ) -> None:
        """A request of `instance.sender`. Who saves a draft is asked for nothing."""
        super().__init__(data, files, instance=instance, label_suffix="")
        self.user = user
        saved_as = data.get("save") if data is not None else None
        self.is_autosave = saved_as == "auto"
        # What another page saved meanwhile, so that this form was not saved.
        self.newer: SupportRequest | None = None
        self.as_draft = saved_as in {"auto", "draft"} and instance.status is State.DRAFT
        also = instance.message_ids() | _numbers(data, "failed_messages")
        if message is not None:
            also.add(message.pk)
        offered = evidence.offered(user, cast("SenderNumber", instance.sender), also)
        cast("MessageChoiceField", self.fields["failed_messages"]).queryset = offered
        if instance.pk:
            cast("RowsField", self.fields["removed_files"]).queryset = instance.evidence.all()
        for name in DETAILS:
            self.fields[name].required = not self.as_draft
        self.initial.update({name: getattr(instance, name) for name in ADDRESSES})
        self.initial["form_token"] = instance.form_token or uuid4()
        self.initial.update({"version": instance.version, "page": uuid4()})
        if instance.pk:
            self.fields["form_token"].required = False
            self.initial["failed_messages"] = instance.message_ids()
        else:
            self.initial["failed_messages"] = [row.pk for row in offered]
            self.initial["examples"] = evidence.examples(offered)

    @property
    def optional_fields(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in (*OPTIONAL, "removed_files", "evidence_files"))

    @property
    def needed_fields(self) -> Iterator[forms.BoundField]:
        optional = {field.name for field in self.optional_fields}
        return (field for field in self.visible_fields() if field.name not in optional)

    @property
    def can_be_found(self) -> bool:
        """Whether a draft of it would be found again."""
        return bool(self.instance.pk) or "form_token" in self.cleaned_data

    @property
    def shows_optional(self) -> bool:
        there = bool(self.files) or (bool(self.instance.pk) and self.instance.evidence.exists())
        return there or any(field.errors or field.value() for field in self.optional_fields)

    def clean_form_token(self) -> UUID | None:
        """A new one in place of that of another form, which names no whitelist request."""
        token: UUID | None = self.cleaned_data["form_token"]
        others = SupportRequest.objects.visible_to(self.user).filter(kind=SupportRequest.Kind.OTHER)
        return uuid4() if token and others.filter(form_token=token).exists() else token

    def clean_evidence_files(self) -> list[Upload]:
        files: list[Upload] = self.cleaned_data["evidence_files"]
        stay = Evidence.objects.visible_to(self.user)
        stay = stay.exclude(pk__in=self.cleaned_data.get("removed_files", ()))
        own = stay.filter(request=self.instance) if self.instance.pk else stay.none()
        there, files = own.count(), own.without(files)
        if files and there + len(files) > MOST_FILES:
            raise ValidationError(
                f"A request can have up to {MOST_FILES} files. This one already has {there}."
            )
        if files and stay.stored() > MOST_STORED:
            raise ValidationError(
                "Your organization is out of file storage. "
                "Withdraw drafts you don't need, or remove their files."
            )
        return files

    def save_once(self) -> SupportRequest:
        """Save what is right with its messages and files.

        A form that was saved before changes the request of then, or leaves it alone if support
        already has it.
        """
        try:
            return self._save_held()
        except IntegrityError:
            # Somebody made it in between, and now it is found.
            return self._save_held()

    def may_write(self, support_request: SupportRequest) -> bool:
        """An unfinished form is for drafts: what support has seen stays complete."""
        return support_request.status is State.DRAFT or (
            support_request.status.is_editable and not self.as_draft
        )

    @transaction.atomic
    def _save_held(self) -> SupportRequest:
        held = self._held()
        if held is not None and not self.may_write(held):
            return held
        if held is not None and self._is_outdated(held):
            self.newer = held
            return held
        support_request = held or self.instance
        changed = self._write(support_request)
        messages = self.cleaned_data.get("failed_messages")
        if messages is not None and {row.pk for row in messages} != support_request.message_ids():
            support_request.attach(messages)
            changed.append("failed texts")
        for file in self.cleaned_data.get("removed_files", ()):
            file.delete()
            changed.append(f"{file} removed")
        if files := self.cleaned_data.get("evidence_files"):
            support_request.add_evidence(files, self.user)
            changed.append("evidence")
        if changed and support_request.status is State.MORE_INFORMATION:
            support_request.record_edit(self.user, changed)
        return support_request

    def _is_outdated(self, held: SupportRequest) -> bool:
        """Return whether saving would undo what the person who reads this page has not seen.

        What a page saves by itself may come late, so it only goes over the version that it knows.
        A person who saves goes over what the same page saved by itself.
        """
        version, page = self.cleaned_data.get("version"), self.cleaned_data.get("page")
        if not held.is_newer_than(version):
            return False
        return self.is_autosave or (not held.is_from(page) and bool(self._differences(held)))

    def _differences(self, held: SupportRequest) -> list[str]:
        """Return the names of the fields that this form would change."""
        typed = self.cleaned_data
        names = [name for name in WRITTEN if name in typed and getattr(held, name) != typed[name]]
        messages = typed.get("failed_messages")
        if messages is not None and {row.pk for row in messages} != held.message_ids():
            names.append("failed_messages")
        return names

    @property
    def saved_by_same_page(self) -> bool:
        return self.newer is not None and self.newer.is_from(self.cleaned_data.get("page"))

    def show_newer(self) -> list[tuple[str, str]]:
        """Return what another page saved instead, and let the next save go over it."""
        if self.newer is None:
            return []
        data = cast("QueryDict", self.data).copy()
        data["version"] = str(self.newer.version)
        self.data = data
        names = self._differences(self.newer)
        return [(str(self[name].label), _shown(self.newer, name)) for name in names]

    def _held(self) -> SupportRequest | None:
        """What was saved already, so that nobody else moves it meanwhile."""
        rows = SupportRequest.objects.visible_to(self.user).for_whitelisting()
        if self.instance.pk:
            rows = rows.filter(pk=self.instance.pk)
        else:
            rows = rows.filter(form_token=self.cleaned_data["form_token"])
        return rows.select_for_update().first()

    def _write(self, support_request: SupportRequest) -> list[str]:
        """Save the form's own fields, and answer the names of those that are different now."""
        names = [name for name in WRITTEN if name in self.cleaned_data]
        before = {name: getattr(support_request, name) for name in names}
        for name in names:
            setattr(support_request, name, self.cleaned_data[name])
        names_of_save = support_request.count_save(self.cleaned_data.get("page"))
        if support_request._state.adding:
            support_request.form_token = self.cleaned_data["form_token"]
            support_request.save()
        else:
            support_request.save(update_fields=[*names, *names_of_save, "updated"])
        return [
            SupportRequest.name_of(name)
            for name in names
            if before[name] != getattr(support_request, name)
        ]


def _numbers(data: QueryDict | None, name: str) -> set[int]:
    """Ids that a form carries; what is none is left for the field to complain about."""
    values = data.getlist(name) if data is not None else []
    digits = (value for value in values if value.isascii() and value.isdigit())
    return {int(value) for value in digits if len(value) <= LONGEST_KEY}


def _shown(support_request: SupportRequest, name: str) -> str:
    """Return what a field holds as people read it."""
    if name == "failed_messages":
        return "\n".join(
            message.text for message in support_request.messages.order_by("-created", "-id")
        )
    display = getattr(support_request, f"get_{name}_display", None)
    value = display() if display else getattr(support_request, name)
    return "" if value is None else str(value)
