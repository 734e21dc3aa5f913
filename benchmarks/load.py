"""Sends prepared requests over several connections, and measures the time of each."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import aiohttp

Answered = Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Measured:
    """The result of one run: requests per second, and milliseconds per request (median and 99th percentile)."""

    rate: float
    p50: float
    p99: float


async def send(url: str, token: str, bodies: list[bytes], connections: int, is_good: Answered) -> Measured:
    """Send every body once. Raises `RuntimeError` for an answer that is not good: a refusal costs less than a vote."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    times: list[float] = []
    waiting = iter(bodies)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=connections), headers=headers) as session:
        began = time.perf_counter()
        await asyncio.gather(*(_worker(session, url, waiting, is_good, times) for _ in range(connections)))
        took = time.perf_counter() - began
    cuts = quantiles(times, n=100)
    return Measured(len(times) / took, cuts[49] * 1000, cuts[98] * 1000)


async def _worker(
    session: aiohttp.ClientSession, url: str, waiting: Iterator[bytes], is_good: Answered, times: list[float]
) -> None:
    for body in waiting:
        began = time.perf_counter()
        async with session.post(url, data=body) as response:
            answer = await response.json()
        times.append(time.perf_counter() - began)
        if response.status != 200 or not is_good(answer):
            raise RuntimeError(f"{response.status}: {str(answer)[:500]}")
