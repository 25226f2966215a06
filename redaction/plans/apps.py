from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "redaction.plans"
    label = "plans"
    verbose_name = "Redaction plans"
