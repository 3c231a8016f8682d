# The ingest worker of docker-compose.yml.
FROM python:3.11-slim

RUN useradd --create-home keoson && mkdir /data && chown keoson /data
WORKDIR /app
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY extractors extractors
COPY mappings mappings
COPY flows flows
COPY keoson keoson
# Editable: Prefect loads the flows from this folder, and there must be only one copy of them.
RUN pip install --no-cache-dir --constraint constraints.txt --editable .
COPY prefect.yaml ./
USER keoson
VOLUME /data
CMD ["keoson", "--help"]
