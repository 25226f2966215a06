from django.apps import AppConfig


class TrackingConfig(AppConfig):
    name = "requests_app.tracking"
    label = "tracking"
    verbose_name = "Tracking"
