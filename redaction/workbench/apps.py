from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "redaction.workbench"
    label = "workbench"
    verbose_name = "Workbench"
