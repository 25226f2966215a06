import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")

app = Celery("daylight")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: Any) -> None:
    """Celery must not replace the logging that Django has set up."""


@worker_process_init.connect
def _fresh_connections(**_: Any) -> None:
    # a connection opened before the fork must not be shared by two children
    from django.db import connections

    connections.close_all()
