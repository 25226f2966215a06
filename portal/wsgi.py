import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.dev")
application = get_wsgi_application()
if settings.ROLE != "public":  # which has no way to a file that would be looked at
    from redaction.workbench import ahead  # only once the apps are there

    ahead.begin()
