"""In templates: `{{ label|lowerfirst }}`, `{{ words|quote }}`, `<q>{{ words|unquoted }}</q>`."""

from django import template

from smscenter import wording

register = template.Library()
register.filter(wording.lowerfirst)
register.filter(wording.unquoted)
register.filter(wording.quote)
