from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "smscenter.support"
    label = "support"

    def ready(self) -> None:
        from messaging import sweeps
        from smscenter.support import carrier_lists, mailing, marks, number_facts  # noqa: F401
        from smscenter.support.models import Whitelisting

        sweeps.register(mailing.send_due, every=1)
        sweeps.register(Whitelisting.objects.tell_expiries, every=60)
        sweeps.register(carrier_lists.tell, every=1)
