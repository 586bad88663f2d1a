from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from search import vocabulary
from search.compile import Compiler
from search.errors import QueryError
from search.models import SavedView
from search.parsing import MAX_LENGTH, parse
from search.searcher import Searcher


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
        """A query that compiles, and does not ask for its own view by way of others."""
        query: str = self.cleaned_data["query"].strip()
        compiler = Compiler(
            query,
            vocabulary.get(self.instance.model),
            Searcher.of(self.instance.owner),
            (self.instance.pk,) if self.instance.pk else (),
        )
        try:
            tree = parse(query)
            compiler.where(tree)
            compiler.order(tree)
        except QueryError as error:
            raise ValidationError(str(error)) from error
        return query
