from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Daylight"

    def ready(self) -> None:
        from portal import (
            celery,
            checks,  # noqa: F401  registers the system checks
        )
        from portal.core import tasks  # noqa: F401  has to be known before the app is finished

        # left to the first use, two threads ringing at once race: the second finds no tasks yet
        celery.app.finalize()
