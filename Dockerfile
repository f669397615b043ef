# The program for a worker, a server or a Dask cluster; no data, no secret, no root.
#
# Pin the base by digest before you build: `docker buildx imagetools inspect python:3.11-slim-bookworm`
# prints it. The build takes the packages of requirements.lock, each by its hash; those of
# requirements-extras.lock, with what S3 and SFTP need, by `--build-arg LOCK=requirements-extras.lock`.
ARG PYTHON_DIGEST=sha256:replace-with-the-digest-you-checked
FROM python:3.11-slim-bookworm@${PYTHON_DIGEST} AS build
ARG LOCK=requirements.lock
WORKDIR /src
COPY requirements.lock requirements-extras.lock pyproject.toml README.md LICENSE ./
RUN python -m venv /opt/funnel \
 && /opt/funnel/bin/pip install --no-cache-dir --no-deps --require-hashes -r "$LOCK"
COPY geo geo
COPY flows flows
COPY maps maps
COPY data data
COPY validation validation
RUN /opt/funnel/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm@${PYTHON_DIGEST}
# ssh-keygen signs bundles, openssl checks time stamps
RUN apt-get update \
 && apt-get install --yes --no-install-recommends openssh-client openssl \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 funnel \
 && install -d -o funnel -g funnel -m 0700 /var/lib/funnel /srv/bundles
COPY --from=build /opt/funnel /opt/funnel
COPY --chown=funnel:funnel prefect.yaml /srv/funnel/prefect.yaml
COPY --chown=funnel:funnel flows /srv/funnel/flows
ENV PATH=/opt/funnel/bin:$PATH \
    FUNNEL_HOME=/var/lib/funnel \
    FUNNEL_OUT=/srv/bundles/runs \
    PREFECT_HOME=/var/lib/funnel/prefect \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    DO_NOT_TRACK=1 \
    NUMBA_CACHE_DIR=/var/lib/funnel/numba \
    MPLCONFIGDIR=/tmp/matplotlib \
    OPENBLAS_NUM_THREADS=1 \
    OMP_NUM_THREADS=1
USER 10001
WORKDIR /srv/funnel
VOLUME ["/var/lib/funnel", "/srv/bundles"]
ENTRYPOINT ["/opt/funnel/bin/python", "-m"]
CMD ["flows.cli.app", "doctor"]
