from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "requests_app.appeals"
    label = "appeals"
    verbose_name = "Appeals"
