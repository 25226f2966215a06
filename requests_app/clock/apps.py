from django.apps import AppConfig


class ClockConfig(AppConfig):
    name = "requests_app.clock"
    label = "clock"
    verbose_name = "Clock"
