# One image for all of this project that runs in the stack of compose.yaml: the sync, the step that makes the secrets and
# lays the boards out for Grafana, and the synthetic athlete of the demo. By hand:
#   docker build -t intervals-icu-influxdb:local .
#   docker run --rm --env-file .env -v intervals-icu:/data intervals-icu-influxdb:local python -m sync run-once
# Any Debian with Python 3.10 or newer will do as BASE; where it lacks Python, its own is installed.
ARG BASE=python:3.13-slim

FROM ${BASE} AS base
# hadolint ignore=DL3008
RUN set -eu; if ! python3 -c 'import ensurepip' 2>/dev/null; then \
        apt-get update; \
        apt-get install -y --no-install-recommends python3-venv ca-certificates; \
        apt-get clean; \
        rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin; \
    fi
# The official image has no compiled standard library, and at run time nothing can be written: each start would compile
# what it imports, which costs more than all the rest of a start.
RUN python3 -m compileall -q -x '/(test|tests|lib2to3|idlelib|site-packages|dist-packages)/' \
        "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp

FROM base AS build
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /project
COPY constraints.txt ./
# hadolint ignore=DL3013
RUN set -eu; python3 -m venv /tools; /tools/bin/pip install --quiet --constraint constraints.txt uv

FROM build AS build-stack
COPY requirements.txt requirements-notify.txt requirements-demo.txt ./
RUN set -eu; python3 -m venv --without-pip .venv; \
    /tools/bin/uv pip install --quiet --python .venv/bin/python --constraint constraints.txt \
        -r requirements.txt -r requirements-notify.txt -r requirements-demo.txt
COPY meltano.yml LICENSE ./
COPY tap-intervals-icu tap-intervals-icu
COPY target-influxdb target-influxdb
# Other targets of meltano.yml: --build-arg PACKAGES=meltanolabs-target-postgres
ARG PACKAGES=
# Meltano gives each plugin an environment of its own; here they share one, since constraints.txt fits all: that halves
# the image. pip and uv, which only an installation needs, stay behind.
COPY sync sync
RUN set -eu; /tools/bin/uv pip install --quiet --python .venv/bin/python --constraint constraints.txt \
        ./tap-intervals-icu ./target-influxdb ${PACKAGES}; \
    .venv/bin/python -m sync.image_plugins; \
    rm -rf .venv/bin/uv .venv/bin/uvx .venv/lib/python3*/site-packages/pip; \
    install -d -m 1777 .meltano/run .meltano/logs
COPY sandbox sandbox
COPY grafana/alerting grafana/alerting
COPY grafana/dashboards grafana/dashboards
COPY grafana/provisioning grafana/provisioning
COPY grafana/imperial.py grafana/imperial.py
RUN .venv/bin/python -m grafana.imperial grafana/dashboards grafana/dashboards-imperial && rm grafana/imperial.py; \
    .venv/bin/python -m compileall -q sync sandbox

FROM base AS stack
WORKDIR /project
COPY --from=build-stack /project ./
# Open to every user id, so that the one of a NAS account can be chosen: --user 1026:100. A fresh named volume takes
# these rights over. /data keeps Meltano's state, the status, the archive and the lines that the database refused; /secrets and
# /stack are filled by `python -m sync secrets`, /backup by sync/backup.sh. What lies in /stack is laid anew at each
# start, even by another user than before.
RUN install -d -m 1777 /data /secrets /backup /viewer && install -d -m 777 /stack /stack/boards /stack/provisioning /stack/tools
ENV PATH=/project/.venv/bin:$PATH \
    MELTANO_DATABASE_URI=sqlite:////data/meltano.db \
    MELTANO_AUTO_INSTALL=false \
    TAP_INTERVALS_ICU_ARCHIVE_PATH=/data/archive \
    TARGET_INFLUXDB_REJECTS_PATH=/data/rejects \
    SYNC_DIRECTORY=/data/sync
USER 1000:1000
VOLUME /data
HEALTHCHECK --interval=1m --timeout=20s --start-period=1m CMD ["/bin/sh", "/project/sync/healthy.sh"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "sync"]
