from django.apps import AppConfig


class ReleaseConfig(AppConfig):
    name = "redaction.release"
    label = "release"
    verbose_name = "Release"
