"""Ask this container's web server whether it can do its work: database and cache answer."""

import os
import sys
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
question = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host})
with urllib.request.urlopen(question, timeout=4) as answer:  # noqa: S310 - a fixed address of our own
    sys.exit(0 if answer.status == 200 else 1)
