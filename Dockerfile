# The app, without anything that builds it. docs/deployment.md tells how to run it.

FROM python:3.11-slim-bookworm AS packages
# Where pip also looks for packages: PyTorch's page of CPU builds saves some gigabytes.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt .
RUN python -m venv /opt/solvarium \
    && /opt/solvarium/bin/pip install --requirement requirements.txt \
    && /opt/solvarium/bin/pip uninstall --yes pip

FROM python:3.11-slim-bookworm
# RDKit's drawings are linked with these libraries.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libexpat1 libxext6 libxrender1 \
    && rm -rf /var/lib/apt/lists/* \
    && pip uninstall --yes pip setuptools wheel \
    && useradd --uid 10001 --user-group --home-dir /tmp --shell /usr/sbin/nologin solvarium
COPY --from=packages /opt/solvarium /opt/solvarium
WORKDIR /app
COPY LICENSE THIRD_PARTY.md app.py ./
COPY .streamlit .streamlit
COPY static static
COPY checkpoints checkpoints
COPY core core
COPY pages pages
ENV PATH=/opt/solvarium/bin:$PATH HOME=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=8501"]
