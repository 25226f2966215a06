from django.apps import AppConfig


class FeesConfig(AppConfig):
    name = "requests_app.fees"
    label = "fees"
    verbose_name = "Fees"
