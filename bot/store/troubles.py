"""What redis-py's errors mean to us. Nothing of its own escapes, also not what it stumbles over itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import NoScriptError, RedisClusterException, RedisError, ResponseError

from handlers.ports.errors import Unavailable


class Refused(Unavailable):
    """The server is there and will not do it: not permitted, read-only, without replicas, or no room left."""


class UnknownScript(Exception):
    """The server has not been sent this script since it started."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `UnknownScript`, `Refused` or `Unavailable` for whatever goes wrong in redis-py."""
    try:
        yield
    except NoScriptError as error:
        raise UnknownScript from error
    except ResponseError as error:
        raise Refused(f"Redis refused: {said(error)}") from _shown(error)
    except (RedisError, RedisClusterException, OSError) as error:
        raise Unavailable(f"Redis did not answer: {said(error)}") from _shown(error)
    except (AttributeError, LookupError, RuntimeError) as error:
        if not _is_torn(error):
            raise
        raise Unavailable(f"Redis did not answer: the connection was given up meanwhile ({said(error)})") from error


def _is_torn(error: AttributeError | LookupError | RuntimeError) -> bool:
    """Tell a connection or a table of slots that redis-py took away under a command from a mistake of ours.

    Seen with redis-py 8.1: on CLUSTERDOWN and on every fifth MOVED `RedisCluster.aclose` disconnects connections that
    others are using, whose reader, writer or node is None then ("'NoneType' object has no attribute 'writelines'");
    a slot or a primary is looked up in a table that is just empty; two tasks read from one connection.
    """
    match error:
        case AttributeError():
            return error.obj is None
        case LookupError():
            return True
    return "while another coroutine" in str(error)


_REPEATED = ", with args beginning with"
"""What a server puts before our own words where it does not know the command: `ERR unknown command 'AUTH', with args
beginning with: 'user' 'password'` (redis/redis, src/server.c). They are a password where AUTH was renamed."""


def said(error: Exception) -> str:
    """Which error, and its words without what they repeat of the command."""
    return f"{type(error).__name__}: {str(error).partition(_REPEATED)[0]}"


def _shown(error: Exception) -> Exception | None:
    """The error, as the cause of ours; `None` where its words repeat a command."""
    return None if _REPEATED in str(error) else error
