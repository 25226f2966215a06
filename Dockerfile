# One image for every role; DAYLIGHT_ROLE and the command choose which. No development tools, no embedded services.
FROM python:3.13-slim-bookworm AS build
WORKDIR /app
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN python3 -m venv .venv && .venv/bin/pip install --no-cache-dir uv==0.13.9
COPY pyproject.toml uv.lock ./
RUN .venv/bin/uv sync --frozen --inexact --no-dev --extra detect && .venv/bin/pip uninstall --yes uv

FROM python:3.13-slim-bookworm
# WeasyPrint makes the letters with the first three; the others read scans and turn office files into pages
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    tesseract-ocr tesseract-ocr-eng libreoffice-writer-nogui libreoffice-calc-nogui \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent daylight \
 && install -d -m 0750 -o daylight -g daylight /data /data/originals /data/derived /data/scratch /data/previews /data/segments
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY manage.py ./
COPY .deploy/health.py .deploy/
COPY portal portal
COPY requests_app requests_app
COPY redaction redaction
COPY templates templates
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONPATH=/app \
    XDG_CACHE_HOME=/tmp \
    DJANGO_SETTINGS_MODULE=portal.settings.production \
    DAYLIGHT_DATA_DIR=/data
# settings must load; the values are thrown away with this step
RUN SECRET_KEY=only-while-the-image-is-built ALLOWED_HOSTS=localhost DAYLIGHT_ROLE=staff DAYLIGHT_DATA_DIR=/tmp/data \
    DATABASE_URL=postgres://localhost/none REDIS_URL=redis://localhost \
    python manage.py collectstatic --no-input --verbosity 0
USER daylight
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", ".deploy/health.py"]
CMD ["gunicorn", "portal.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--workers=2", \
     "--threads=8", "--worker-tmp-dir=/dev/shm", "--graceful-timeout=60", "--access-logfile=-"]
