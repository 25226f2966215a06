from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "redaction.release"
    label = "release"
    verbose_name = "Release"

    def ready(self) -> None:
        from redaction.release import checks  # noqa: F401  registers the system checks
