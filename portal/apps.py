from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Daylight"

    def ready(self) -> None:
        from portal import (
            celery,  # noqa: F401  web processes ring workers, so they need the app configured
            checks,  # noqa: F401  registers the system checks
        )
