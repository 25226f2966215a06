from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    name = "redaction.workbench"
    label = "workbench"
    verbose_name = "Workbench"

    def ready(self) -> None:
        from redaction.release.destroying import FORGETTING
        from redaction.workbench import previews, table_counting

        FORGETTING.extend([previews.forget, table_counting.forget])
