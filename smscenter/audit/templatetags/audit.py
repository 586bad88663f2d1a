from django import template

from smscenter.audit.models import AuditRecord, may_read
from smscenter.audit.objects import url_of

register = template.Library()


register.filter("may_read_audit_log", may_read)


@register.simple_tag
def page_of(record: AuditRecord) -> str:
    """Return the address of the page that shows what a record is about, or an empty string."""
    return url_of(record.kind, record.object_id)
