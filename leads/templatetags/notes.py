"""Permissions for notes."""

from django import template

from leads.models import Note
from smscenter.accounts.models import User

register = template.Library()


@register.filter
def is_editable_by(note: Note, user: User) -> bool:
    return note.is_editable_by(user)
