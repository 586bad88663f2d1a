"""Labels inside sentences: `{{ reason.label|lowerfirst }}`."""

from django import template

from smscenter import wording

register = template.Library()
register.filter(wording.lowerfirst)
