# Two images from one file: `sync` (the last stage) keeps InfluxDB in step with Intervals.icu, `sandbox` serves a
# synthetic athlete for the demo. compose.yaml builds both. By hand:
#   docker build -t intervals-icu-influxdb .
#   docker run --rm --env-file .env -v intervals-icu:/data intervals-icu-influxdb python -m sync run-once
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
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/tmp

FROM base AS build
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /project
COPY constraints.txt ./
# hadolint ignore=DL3013
RUN set -eu; python3 -m venv /tools; /tools/bin/pip install --quiet --constraint constraints.txt uv

FROM build AS build-sandbox
COPY requirements-demo.txt ./
RUN set -eu; python3 -m venv --without-pip .venv; \
    /tools/bin/uv pip install --quiet --python .venv/bin/python --constraint constraints.txt -r requirements-demo.txt

FROM base AS sandbox
WORKDIR /project
COPY --from=build-sandbox /project/.venv .venv
COPY sandbox sandbox
ENV PATH=/project/.venv/bin:$PATH
USER 1000:1000
EXPOSE 8080
CMD ["python", "-m", "sandbox", "--host", "0.0.0.0", "--port", "8080"]

FROM build AS build-sync
COPY requirements.txt requirements-notify.txt ./
RUN set -eu; python3 -m venv --without-pip .venv; \
    /tools/bin/uv pip install --quiet --python .venv/bin/python --constraint constraints.txt \
        -r requirements.txt -r requirements-notify.txt
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
    .venv/bin/python -m sync.image; \
    rm -rf .venv/bin/uv .venv/bin/uvx .venv/lib/python3*/site-packages/pip; \
    install -d -m 1777 .meltano/run .meltano/logs

FROM base AS sync
WORKDIR /project
COPY --from=build-sync /project ./
# Open to every user id, so that the one of a NAS account can be chosen: --user 1026:100. A fresh named volume takes
# these rights over. /data keeps Meltano's state, the status, the archive and the lines that the database refused;
# /secrets is filled by `python -m sync secrets`.
RUN install -d -m 1777 /data /secrets
ENV PATH=/project/.venv/bin:$PATH \
    MELTANO_DATABASE_URI=sqlite:////data/meltano.db \
    MELTANO_AUTO_INSTALL=false \
    TAP_INTERVALS_ICU_ARCHIVE_PATH=/data/archive \
    TARGET_INFLUXDB_REJECTS_PATH=/data/rejects \
    SYNC_DIRECTORY=/data/sync
USER 1000:1000
VOLUME /data
HEALTHCHECK --interval=1m --timeout=20s --start-period=1m CMD ["python", "-m", "sync", "healthy"]
STOPSIGNAL SIGTERM
CMD ["python", "-m", "sync"]
