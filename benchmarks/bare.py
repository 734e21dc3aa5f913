"""The bare handler: verify the signed token on every request, one SET, answer. The minimum for any bot."""

import json
import sys
from itertools import count
from typing import Any

import jwt
from aiohttp import web
from redis.asyncio import Redis


def application(key: dict[str, Any], audience: str, redis_url: str) -> web.Application:
    """Create the smallest possible `POST /api/messages`."""
    public, redis, number = jwt.PyJWK(key), Redis.from_url(redis_url), count()

    async def receive(request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        jwt.decode(token, public, algorithms=["RS256"], audience=audience, issuer="https://api.botframework.com")
        await redis.set(f"bare:{next(number)}", await request.read())
        return web.json_response(
            {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "ok"}
        )

    app = web.Application()
    app.add_routes([web.post("/api/messages", receive)])
    return app


if __name__ == "__main__":
    key, audience, redis_url, port = sys.argv[1:]
    web.run_app(application(json.loads(key), audience, redis_url), port=int(port), access_log=None, print=None)
