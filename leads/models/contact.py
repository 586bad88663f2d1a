from django.db import models
from django.db.models import Index, Q, UniqueConstraint
from django.db.models.functions import Lower
from django.utils import timezone

from leads.models.lead import Lead
from leads.phones import Phone
from search.words.text_lookups import email_domain
from smscenter.accounts.models import MadeByForm, Owned, OwnedQuerySet, once


def e164_constraint(field: str, name: str) -> models.CheckConstraint:
    """Require a number in E.164."""
    return models.CheckConstraint(name=name, condition=Q(**{f"{field}__startswith": "+"}))


class Contact(MadeByForm):
    """A person at a lead."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField(max_length=160)
    title = models.CharField(max_length=120, blank=True)
    created = models.DateTimeField(default=timezone.now)

    objects = OwnedQuerySet["Contact"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["id", "organization"], name="contact_organization"),
            once("contact_form_token"),
        ]

    def __str__(self) -> str:
        return self.name


class ContactPhone(Owned):
    class Label(models.TextChoices):
        MOBILE = "mobile", "Mobile"
        OFFICE = "office", "Office"
        HOME = "home", "Home"
        OTHER = "other", "Other"

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, db_index=False, related_name="phones"
    )
    phone = models.CharField(max_length=16)
    extension = models.CharField(max_length=10, blank=True)
    label = models.CharField(max_length=10, choices=Label.choices, default=Label.MOBILE)

    objects = OwnedQuerySet["ContactPhone"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            UniqueConstraint(fields=["contact", "phone", "extension"], name="contact_phone"),
            e164_constraint("phone", "contact_phone_e164"),
            models.CheckConstraint(
                name="contact_phone_label",
                condition=Q(label__in=["mobile", "office", "home", "other"]),
            ),
        ]
        # PostgreSQL looks up the beginning of a number only by these operators.
        indexes = [
            Index(
                fields=["organization", "phone"],
                opclasses=["int8_ops", "varchar_pattern_ops"],
                name="contact_phone_number",
            )
        ]

    def __str__(self) -> str:
        return self.number.formatted

    @property
    def number(self) -> Phone:
        return Phone(self.phone, self.extension)


class ContactEmail(Owned):
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, db_index=False, related_name="emails"
    )
    email = models.EmailField()

    objects = OwnedQuerySet["ContactEmail"].as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [UniqueConstraint(fields=["contact", "email"], name="contact_email")]
        indexes = [
            Index(fields=["organization", "email"], name="contact_email_address"),
            Index("organization", Lower("email"), name="contact_email_lower"),
            Index("organization", email_domain("email"), name="contact_email_domain"),
        ]

    def __str__(self) -> str:
        return self.email


class Address(Owned):
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="addresses")
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=60, blank=True)
    postal_code = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, default="US", help_text="Two-letter ISO 3166 code.")

    objects = OwnedQuerySet["Address"].as_manager()

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return ", ".join(filter(None, [self.street, self.city, self.state, self.country]))
