"""Every saved view of the demo has a valid query and finds something."""

import pytest
from django.utils import timezone

from search.answering import queryset
from search.models import SavedView
from smscenter.accounts.models import User
from smscenter.demo import load


@pytest.mark.once
@pytest.mark.django_db
def test_every_saved_view_finds_something() -> None:
    load.load(leads=60, messages=500, seed=1, now=timezone.now())
    rep = User.objects.get(username="rep")

    views = SavedView.objects.visible_to(rep)

    assert {view.name for view in views} >= {"Failed today", "Last text failed", "Flagged as spam"}
    for view in views.exclude(name="Qualified, quiet"):
        assert queryset.run(view.model, view.query, rep).rows.exists(), view
