# The bot, and nothing else: no compiler, no tests, no simulator, nobody's root.
# A read-only root works. Where no Redis is set and the bot runs a server of its own, that one needs /state and /tmp.
ARG PYTHON=3.11.14-slim-bookworm

FROM python:${PYTHON} AS build
COPY requirements.txt /build/
RUN python -m venv /opt/countersign \
    && /opt/countersign/bin/pip install --no-cache-dir --disable-pip-version-check -r /build/requirements.txt

FROM python:${PYTHON}
ENV PATH=/opt/countersign/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    COUNTERSIGN_CONFIG=/config/approvals.json \
    COUNTERSIGN_HOST=0.0.0.0 \
    COUNTERSIGN_PORT=8080 \
    COUNTERSIGN_STATE_DIR=/state
COPY --from=build /opt/countersign /opt/countersign
WORKDIR /app
COPY approvals approvals
COPY cards cards
COPY handlers handlers
COPY bot bot
# A number, so that a platform can see that it is not root without reading the image's user table.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /state
USER 10001:10001
VOLUME /state
EXPOSE 8080
STOPSIGNAL SIGTERM
# Alive, not ready: whether Redis can be reached is for the balancer to ask (/readyz); a restart would not cure it.
# By http.client, which heeds no proxy. With COUNTERSIGN_TLS_FILE the bot speaks https: give a check of your own then.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, os, sys; \
bot = http.client.HTTPConnection('127.0.0.1', int(os.environ['COUNTERSIGN_PORT']), timeout=4); \
bot.request('GET', '/healthz'); \
sys.exit(bot.getresponse().status != 200)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["serve"]
