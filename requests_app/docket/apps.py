from django.apps import AppConfig


class DocketConfig(AppConfig):
    name = "requests_app.docket"
    label = "docket"
    verbose_name = "Docket"
