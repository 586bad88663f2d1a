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
from smscenter.support.models.details import DETAILS, SUPPORTING
from smscenter.support.models.history import record_edit
from smscenter.support.models.states import State
from smscenter.support.requests import failed_texts
from smscenter.support.requests.evidence import add_evidence, without
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
# The database's integer ends at two billion.
MOST_TEXTS = 1_000_000_000
WRITTEN = tuple(detail.name for detail in DETAILS)
FIRST = WRITTEN[: WRITTEN.index("examples")]
ADDRESSES = ("website", "opt_in_page")


class RowsField(forms.ModelMultipleChoiceField[Any]):
    def clean(self, value: Any) -> Any:
        # More digits than an id has. SQLite would raise another error.
        if any(len(str(pk)) > LONGEST_KEY for pk in value or ()):
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": "…"})
        return super().clean(value)


class MessageChoiceField(RowsField):
    def label_from_instance(self, obj: SmsMessage) -> str:
        return f"{obj.text} (to {obj.number}: {lowerfirst(obj.why.label)})"


class AddressField(forms.CharField):
    """Accept any text as a web address. The request page warns of invalid ones."""

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        try:
            return str(forms.URLField(assume_scheme="https", max_length=200).clean(typed))
        except ValidationError:
            return typed


class WhitelistForm(forms.ModelForm[SupportRequest]):
    """Edit the details of a whitelist request, its failed texts, and its files."""

    website = AddressField(
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "url", "inputmode": "url"}),
    )
    opted_in = forms.ChoiceField(
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
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    volume = forms.IntegerField(min_value=1, max_value=MOST_TEXTS, required=False)
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

    field_order = [*FIRST, "failed_messages", *WRITTEN]

    class Meta:
        model = SupportRequest
        # Without addresses: the model would refuse invalid ones.
        fields = [name for name in WRITTEN if name not in ADDRESSES]
        widgets = {
            "opt_in_date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **{
                detail.name: LongText(attrs={"rows": detail.lines})
                for detail in DETAILS
                if detail.is_long
            },
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
        """Make a form for `instance.sender`. Nothing is required to save a draft."""
        super().__init__(data, files, instance=instance, label_suffix="")
        self.user = user
        saved_as = data.get("save") if data is not None else None
        self.is_autosave = saved_as == "auto"
        # What another page saved meanwhile, if this form wasn't saved because of it.
        self.newer: SupportRequest | None = None
        self.as_draft = saved_as in {"auto", "draft"} and instance.status is State.DRAFT
        also = instance.message_ids() | _numbers(data, "failed_messages")
        if message is not None:
            also.add(message.pk)
        offered = failed_texts.offered(user, cast("SenderNumber", instance.sender), also)
        cast("MessageChoiceField", self.fields["failed_messages"]).queryset = offered
        if instance.pk:
            cast("RowsField", self.fields["removed_files"]).queryset = instance.evidence.all()
        for detail in DETAILS:
            field = self.fields[detail.name]
            field.label, field.help_text = detail.label, detail.help_text
            field.required = detail.is_required and not self.as_draft
        self.initial.update({name: getattr(instance, name) for name in ADDRESSES})
        self.initial["form_token"] = instance.form_token or uuid4()
        self.initial.update({"version": instance.version, "page": uuid4()})
        if instance.pk:
            self.fields["form_token"].required = False
            self.initial["failed_messages"] = instance.message_ids()
        else:
            self.initial["failed_messages"] = [row.pk for row in offered]
            self.initial["examples"] = failed_texts.examples(offered)
            self.initial.update(failed_texts.opt_in(offered))

    @property
    def optional_fields(self) -> Iterator[forms.BoundField]:
        return (self[name] for name in (*SUPPORTING, "removed_files", "evidence_files"))

    @property
    def needed_fields(self) -> Iterator[forms.BoundField]:
        optional = {field.name for field in self.optional_fields}
        return (field for field in self.visible_fields() if field.name not in optional)

    @property
    def can_be_found(self) -> bool:
        """Return whether saving it again would find the same draft."""
        return bool(self.instance.pk) or "form_token" in self.cleaned_data

    @property
    def shows_optional(self) -> bool:
        there = bool(self.files) or (bool(self.instance.pk) and self.instance.evidence.exists())
        return there or any(field.errors or field.value() for field in self.optional_fields)

    def clean_form_token(self) -> UUID | None:
        """Replace a token that already belongs to a question."""
        token: UUID | None = self.cleaned_data["form_token"]
        others = SupportRequest.objects.visible_to(self.user).filter(kind=SupportRequest.Kind.OTHER)
        return uuid4() if token and others.filter(form_token=token).exists() else token

    def clean_evidence_files(self) -> list[Upload]:
        files: list[Upload] = self.cleaned_data["evidence_files"]
        stay = Evidence.objects.visible_to(self.user)
        stay = stay.exclude(pk__in=self.cleaned_data.get("removed_files", ()))
        own = stay.filter(request=self.instance) if self.instance.pk else stay.none()
        there, files = own.count(), without(files, own)
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
        """Save the valid fields, with texts and files, and return the request.

        A second save changes the same request, or nothing if support already has it.
        """
        try:
            return self._save()
        except IntegrityError:
            # Another click just created it, so it's found now.
            return self._save()

    def may_write(self, support_request: SupportRequest) -> bool:
        """Return whether this form can change a request. What support has seen stays complete."""
        return support_request.status is State.DRAFT or (
            support_request.status.is_editable and not self.as_draft
        )

    @transaction.atomic
    def _save(self) -> SupportRequest:
        saved = self._saved()
        if saved is not None and not self.may_write(saved):
            return saved
        if saved is not None and self._is_outdated(saved):
            self.newer = saved
            return saved
        support_request = saved or self.instance
        changed = self._write(support_request)
        messages = self.cleaned_data.get("failed_messages")
        if messages is not None and {row.pk for row in messages} != support_request.message_ids():
            support_request.attach(messages)
            changed.append("failed texts")
        for file in self.cleaned_data.get("removed_files", ()):
            file.delete()
            changed.append(f"{file} removed")
        if files := self.cleaned_data.get("evidence_files"):
            add_evidence(support_request, files, self.user)
            changed.append("evidence")
        if changed and support_request.status is State.MORE_INFORMATION:
            record_edit(support_request, self.user, changed)
        return support_request

    def _is_outdated(self, saved: SupportRequest) -> bool:
        """Return whether saving would overwrite changes that this page doesn't show.

        Autosaves can be late, so they only overwrite the version that the page shows. When a person
        saves, that overwrites what the same page autosaved.
        """
        version, page = self.cleaned_data.get("version"), self.cleaned_data.get("page")
        if not saved.is_newer_than(version):
            return False
        return self.is_autosave or (not saved.is_from(page) and bool(self._differences(saved)))

    def _differences(self, saved: SupportRequest) -> list[str]:
        """Return the names of the fields that this form would change."""
        typed = self.cleaned_data
        names = [name for name in WRITTEN if name in typed and getattr(saved, name) != typed[name]]
        messages = typed.get("failed_messages")
        if messages is not None and {row.pk for row in messages} != saved.message_ids():
            names.append("failed_messages")
        return names

    @property
    def saved_by_same_page(self) -> bool:
        return self.newer is not None and self.newer.is_from(self.cleaned_data.get("page"))

    def show_newer(self) -> list[tuple[str, str]]:
        """Return the fields that another page saved, and let the next save overwrite them."""
        if self.newer is None:
            return []
        data = cast("QueryDict", self.data).copy()
        data["version"] = str(self.newer.version)
        self.data = data
        names = self._differences(self.newer)
        return [(str(self[name].label), _shown(self.newer, name)) for name in names]

    def _saved(self) -> SupportRequest | None:
        """Return the request if it was saved before, locked."""
        rows = SupportRequest.objects.visible_to(self.user).for_whitelisting()
        if self.instance.pk:
            rows = rows.filter(pk=self.instance.pk)
        else:
            rows = rows.filter(form_token=self.cleaned_data["form_token"])
        return rows.select_for_update().first()

    def _write(self, support_request: SupportRequest) -> list[str]:
        """Save the form's own fields. Return the names of those that changed."""
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
    """Return the ids in a form. The field reports invalid ones."""
    values = data.getlist(name) if data is not None else []
    digits = (value for value in values if value.isascii() and value.isdigit())
    return {int(value) for value in digits if len(value) <= LONGEST_KEY}


def _shown(support_request: SupportRequest, name: str) -> str:
    """Return the value of a field as people read it."""
    if name == "failed_messages":
        return "\n".join(
            message.text for message in support_request.messages.order_by("-created", "-id")
        )
    detail = next(detail for detail in DETAILS if detail.name == name)
    return str(detail.value(support_request) or "")
