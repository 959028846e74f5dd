# The Meltano project with its plugins installed: `docker run` syncs once, without asking any package index.
#   docker build -t intervals-icu-influxdb .
#   docker run --rm --env-file .env -v intervals-icu:/data intervals-icu-influxdb
# Any Debian with Python 3.10 or newer will do as BASE; where it lacks Python, its own is installed.
ARG BASE=python:3.13-slim

FROM ${BASE} AS base
RUN if ! command -v python3 >/dev/null; then \
        apt-get update && apt-get install -y --no-install-recommends python3-venv ca-certificates \
        && rm -rf /var/lib/apt/lists/*; \
    fi

FROM base AS build
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /project
COPY requirements.txt constraints.txt ./
RUN python3 -m venv .venv && .venv/bin/pip install --quiet -c constraints.txt -r requirements.txt
COPY meltano.yml LICENSE ./
COPY tap-intervals-icu tap-intervals-icu
COPY target-influxdb target-influxdb
# Others: --build-arg LOADERS="target-influxdb target-postgres"
ARG LOADERS=target-influxdb
RUN .venv/bin/meltano install extractor tap-intervals-icu && .venv/bin/meltano install loader ${LOADERS} \
    && .venv/bin/pip uninstall --yes --quiet pip && rm -f .meltano/meltano.db .meltano/analytics.json

FROM base
RUN useradd --uid 1000 --create-home meltano && install -d -o meltano -g meltano /data
COPY --from=build --chown=meltano:meltano /project /project
# /data keeps the state and the lines that the database refused.
ENV MELTANO_DATABASE_URI=sqlite:////data/meltano.db \
    MELTANO_AUTO_INSTALL=false \
    TARGET_INFLUXDB_REJECTS_PATH=/data/rejects
USER meltano
WORKDIR /project
VOLUME /data
ENTRYPOINT ["/project/.venv/bin/meltano"]
CMD ["run", "tap-intervals-icu", "target-influxdb"]
