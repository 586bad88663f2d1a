from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "smscenter.accounts"
    label = "accounts"
