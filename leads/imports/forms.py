"""Forms of imports: upload a file, say how to read it, and match its columns."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from leads.imports import encodings
from leads.imports.columns import NEW, NEW_KINDS, Column
from leads.imports.kinds import kind_of
from leads.models import CustomField, LeadImport, LeadStatus
from smscenter.accounts.forms import FormTokenField
from smscenter.accounts.models import Organization, User

LARGEST = 50 * 1024 * 1024
# Not started, of one organization.
MOST_WAITING = 10
TYPES = ".csv,.tsv,.txt,.xlsx"
Choices = list[tuple[str, Any]]


class UploadForm(forms.Form):
    file = forms.FileField(
        label="File",
        help_text=f"CSV or Excel (XLSX), up to {LARGEST // 1024 // 1024} MB.",
        widget=forms.FileInput(attrs={"accept": TYPES}),
    )
    form_token = FormTokenField()

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.organization = organization

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(f"Files can be up to {filesizeformat(LARGEST)}. Split the file.")
        return file

    def clean(self) -> dict[str, Any]:
        waiting = LeadImport.objects.filter(
            organization=self.organization, state__in=LeadImport.NOT_STARTED
        )
        if waiting.count() >= MOST_WAITING:
            raise ValidationError(
                f"{MOST_WAITING} imports haven't been started yet. Start or discard one first."
            )
        return self.cleaned_data


class FormatForm(forms.Form):
    """How to read the file, if the guess is wrong."""

    has_header = forms.BooleanField(label="The first row has column names", required=False)
    encoding = forms.ChoiceField(
        choices=[("", "Automatic"), *encodings.ENCODINGS.items()], required=False
    )
    delimiter = forms.ChoiceField(
        label="Separator",
        choices=[("", "Automatic"), *encodings.DELIMITERS.items()],
        required=False,
    )

    def __init__(self, *args: Any, job: LeadImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.auto_id = "format_%s"
        self.initial = {name: getattr(job, name) for name in self.fields}
        if not job.encoding:  # a workbook
            del self.fields["encoding"], self.fields["delimiter"]


class ColumnsForm(forms.Form):
    """What each column of the file is, and what to do with duplicates."""

    match_on = forms.MultipleChoiceField(
        label="A row is a duplicate if a lead has the same",
        choices=LeadImport.MatchOn.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    duplicates = forms.ChoiceField(
        label="For duplicates", choices=LeadImport.Duplicates.choices, widget=forms.RadioSelect
    )
    overwrites = forms.BooleanField(
        label="When merging, replace existing values with those of the file", required=False
    )
    status = forms.ModelChoiceField(
        LeadStatus.objects.none(), label="Status, if a row has none", empty_label=None
    )
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label="Owner, if a row has none",
        required=False,
        empty_label="Unassigned",
    )
    is_strict = forms.BooleanField(
        label="Leave out the whole row if one of its values can't be imported", required=False
    )

    OF_LEADS = ("match_on", "duplicates", "overwrites", "status", "owner")

    def __init__(self, *args: Any, job: LeadImport, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.job = job
        self.known = kind_of(job).columns(job)
        self.initial = {name: getattr(job, name) for name in ("duplicates", "overwrites", "owner")}
        self.initial["is_strict"] = job.is_strict
        self.initial["match_on"] = job.match_on or LeadImport.MatchOn.values
        if job.is_of_leads:
            statuses: Any = self.fields["status"]
            owners: Any = self.fields["owner"]
            statuses.queryset = LeadStatus.objects.visible_to(user)
            self.initial["status"] = job.status or statuses.queryset.first()
            owners.queryset = user.colleagues()
        else:
            for name in self.OF_LEADS:
                del self.fields[name]
        for index, key in enumerate(job.columns):
            self.fields[f"column_{index}"] = self._field(index, key)

    def _field(self, index: int, key: str) -> forms.Field:
        name = self.job.header[index] or f"Column {index + 1}"
        choices = self._choices()
        return forms.ChoiceField(label=name[:80], choices=choices, initial=key, required=False)

    def _choices(self) -> Choices:
        groups: dict[str, Choices] = {}
        for column in self.known:
            groups.setdefault(column.group, []).append((column.key, column.label))
        new = [(f"{NEW}{kind}", f"New field ({name.lower()})") for kind, name in NEW_KINDS.items()]
        found: Choices = [("", "Don't import"), *groups.items()]
        return [*found, ("New custom field", new)] if self.job.is_of_leads else found

    @property
    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """Return the field of each column, with values from the file."""
        return [
            (self[f"column_{index}"], [row[index] for row in self.job.sample if index < len(row)])
            for index in range(len(self.job.columns))
        ]

    @property
    def options(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("column_")]

    @property
    def keys(self) -> list[str]:
        return [self.cleaned_data.get(f"column_{n}", "") for n in range(len(self.job.columns))]

    def clean(self) -> dict[str, Any]:
        by_key: dict[str, Column] = {column.key: column for column in self.known}
        keys = [key for key in self.keys if key]
        for key in keys:
            if key in by_key and not by_key[key].is_many and keys.count(key) > 1:
                raise ValidationError(f"Only one column can be “{by_key[key].label}”.")
        required = kind_of(self.job).required
        if not required & set(keys):
            labels = [column.label for column in self.known if column.key in required]
            raise ValidationError(f"Match at least one column to: {', '.join(labels)}.")
        self._check_new_fields()
        return self.cleaned_data

    def _check_new_fields(self) -> None:
        """Refuse a new custom field with the name of one that exists, or of another one."""
        names = [
            (self.job.header[index] or f"Column {index + 1}").strip()[:80]
            for index, key in enumerate(self.keys)
            if key.startswith(NEW)
        ]
        # Also the keys of renamed fields, and those that were removed and can be restored.
        rows = CustomField.objects.filter(organization=self.job.organization_id)
        taken = {name.casefold(): row for row in rows for name in (row.key, row.name)}
        for name in names:
            found = taken.get(name.casefold(), name)
            if isinstance(found, CustomField) and found.removed:
                raise ValidationError(f"You removed the custom field “{found}”. Restore it first.")
            if name.casefold() in taken:
                raise ValidationError(f"A custom field “{found}” exists. Choose it instead.")
            taken[name.casefold()] = name

    def apply(self) -> LeadImport:
        """Return the import with what was chosen, not saved yet."""
        for name in self.fields:
            if not name.startswith("column_"):
                setattr(self.job, name, self.cleaned_data[name])
        self.job.columns = self.keys
        return self.job
