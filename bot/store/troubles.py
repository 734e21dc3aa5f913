"""Translates redis-py's errors, including those from its own bugs. None of them leaves `bot/store`."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError

from handlers.ports.errors import Unavailable


class RedisRefused(Unavailable):
    """The server answers but refuses: not permitted, read-only, without replicas, or full."""


class UnknownScript(Exception):
    """The server does not know this script: it was not sent since the server started."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise redis-py's errors as `UnknownScript`, `RedisRefused` or `Unavailable`."""
    try:
        yield
    except NoScriptError as error:
        raise UnknownScript from error
    except ResponseError as error:
        raise RedisRefused(f"Redis refused: {said(error)}") from _shown(error)
    except (RedisError, RedisClusterException, OSError) as error:
        raise Unavailable(f"Redis did not answer: {said(error)}") from _shown(error)
    except (AttributeError, LookupError, RuntimeError) as error:
        if not _is_torn(error):
            raise
        raise Unavailable(f"Redis did not answer: the connection was given up meanwhile ({said(error)})") from error


def _is_torn(error: AttributeError | LookupError | RuntimeError) -> bool:
    """Return whether redis-py removed a connection or slot table while a command used it; false for a bug of ours.

    Seen with redis-py 8.1: on CLUSTERDOWN and on every fifth MOVED, `RedisCluster.aclose` disconnects connections in
    use, whose reader, writer or node is then None ("'NoneType' object has no attribute 'writelines'"); a slot or a
    primary is looked up in a table that is empty at that moment; two tasks read from one connection.
    """
    match error:
        case AttributeError():
            return error.obj is None
        case LookupError():
            return True
    return "while another coroutine" in str(error)


_REPEATED = ", with args beginning with"
"""The server's text before the arguments of a command that it does not know: `ERR unknown command 'AUTH', with args
beginning with: 'user' 'password'` (redis/redis, src/server.c). They include a password where AUTH was renamed."""


def said(error: Exception) -> str:
    """Return the error's type and text, without the arguments of the command."""
    return f"{type(error).__name__}: {str(error).partition(_REPEATED)[0]}"


def _shown(error: Exception) -> Exception | None:
    """Return the error as the cause of ours; `None` if its text repeats a command."""
    return None if _REPEATED in str(error) else error
