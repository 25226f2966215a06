from django.apps import AppConfig


class LawConfig(AppConfig):
    name = "requests_app.law"
    label = "law"
    verbose_name = "Law"
