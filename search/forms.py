from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from search import QueryError
from search.answering import queryset
from search.guidance.markup import with_code
from search.language.parser import MAX_LENGTH
from search.models import SavedView

# Colleagues see every shared view, so both numbers are limited.
MOST_VIEWS = 500
MOST_SHARED_VIEWS = 100


class SavedViewForm(forms.ModelForm[SavedView]):
    query = forms.CharField(
        label="Search",
        required=False,
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    class Meta:
        model = SavedView
        fields = ["name", "query", "shared"]
        help_texts = {"shared": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"view_{self.instance.pk or 'new'}_%s"
        with_whom = "your organization" if self.instance.organization_id else "support staff"
        self.fields["shared"].label = f"Share with {with_whom}"

    def clean_name(self) -> str:
        """Return the name, unique among the owner's views of this model regardless of case."""
        name: str = self.cleaned_data["name"]
        own = SavedView.objects.filter(owner=self.instance.owner, model=self.instance.model)
        if own.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("You already have a view with this name.")
        return name

    def clean_query(self) -> str:
        """Return a query that runs and that doesn't refer to its own view, even indirectly."""
        query: str = self.cleaned_data["query"].strip()
        view = self.instance
        try:
            queryset.validate(view.model, query, view.owner, view=view.pk)
        except QueryError as error:
            raise ValidationError(with_code(str(error))) from error
        return query

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        others = SavedView.objects.filter(owner=self.instance.owner).exclude(pk=self.instance.pk)
        if self.instance._state.adding and others.count() >= MOST_VIEWS:
            raise ValidationError(f"You have {MOST_VIEWS} views. Delete one to save another.")
        if cleaned.get("shared") and others.filter(shared=True).count() >= MOST_SHARED_VIEWS:
            message = (
                f"You're sharing {MOST_SHARED_VIEWS} views. Stop sharing one to share another."
            )
            raise ValidationError(message)
        return cleaned
