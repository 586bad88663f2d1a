from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from search import searching
from search.errors import QueryError
from search.models import SavedView
from search.parsing import MAX_LENGTH

# Far more than anybody looks through; colleagues see all that are shared.
MOST_VIEWS = 500
MOST_SHARED_VIEWS = 100


class SavedViewForm(forms.ModelForm[SavedView]):
    query = forms.CharField(
        required=False,
        max_length=MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
    )

    class Meta:
        model = SavedView
        fields = ["name", "query", "shared"]
        labels = {"shared": "Share with the organization"}
        help_texts = {"shared": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"view_{self.instance.pk or 'new'}_%s"

    def clean_name(self) -> str:
        """Unique among the owner's views of this model; `in:` does not tell cases apart."""
        name: str = self.cleaned_data["name"]
        own = SavedView.objects.filter(owner=self.instance.owner, model=self.instance.model)
        if own.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError("You have a view of this name already.")
        return name

    def clean_query(self) -> str:
        """A query that the database runs, and that does not use its own view by way of others."""
        query: str = self.cleaned_data["query"].strip()
        view = self.instance
        try:
            searching.check(view.model, query, view.owner, view=view.pk)
        except QueryError as error:
            raise ValidationError(str(error)) from error
        return query

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        others = SavedView.objects.filter(owner=self.instance.owner).exclude(pk=self.instance.pk)
        if self.instance._state.adding and others.count() >= MOST_VIEWS:
            raise ValidationError(f"You have {MOST_VIEWS} views. Delete one to save another.")
        if cleaned.get("shared") and others.filter(shared=True).count() >= MOST_SHARED_VIEWS:
            message = f"You share {MOST_SHARED_VIEWS} views. Stop sharing one to share another."
            raise ValidationError(message)
        return cleaned
