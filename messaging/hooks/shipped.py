"""After each migration, load the carriers' codes and prices that ship."""

from django.apps import apps
from django.db.models.signals import post_migrate

from messaging.deliverability import money
from messaging.diagnosis import code_map

messaging = apps.get_app_config("messaging")
post_migrate.connect(code_map.load_shipped, sender=messaging)
post_migrate.connect(money.load_shipped, sender=messaging)
