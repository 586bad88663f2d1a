"""A page for developers with every component, in both themes. It's there only with DEBUG."""

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

# Of lead statuses.
COLORS = ["gray", "blue", "purple", "green", "orange", "pink", "teal", "brown"]


class SampleForm(forms.Form):
    name = forms.CharField(help_text="Helper text has at most twelve words.")
    carrier = forms.ChoiceField(choices=[("", "Choose…"), ("one", "One")], required=False)
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    again = forms.BooleanField(label="Send it again", required=False)


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Show each component once per theme."""
    if not settings.DEBUG:
        raise Http404
    # Both themes are on one page, and ids have to be unique.
    themes = [
        (theme, SampleForm({}, auto_id=f"{theme}_%s"), SampleForm(auto_id=f"{theme}_empty_%s"))
        for theme in ("light", "dark")
    ]
    return render(request, "style.html", {"themes": themes, "colors": COLORS})
