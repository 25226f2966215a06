from django.apps import AppConfig


class CustodyConfig(AppConfig):
    name = "requests_app.custody"
    label = "custody"
    verbose_name = "Custody"
