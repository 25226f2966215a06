from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
    label = "accounts"
    verbose_name = "People and roles"

    def ready(self) -> None:
        from portal.accounts import signin_audit  # noqa: F401  connects its receivers
