"""Fetch an address that the user named, with limits on time, size and redirects."""

import httpx
import stamina

from moscow_labels.errors import InputError, NetworkError

MAX_BYTES = 20_000_000
TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_RETRIED = {429, 502, 503, 504}


def fetch(url: str) -> bytes:
    """Return the body at `url`. Raises NetworkError that says why it could not be had."""
    try:
        for attempt in stamina.retry_context(on=_again, attempts=3, timeout=45.0):
            with attempt:
                return _get(url)
    except httpx.HTTPStatusError as error:
        raise NetworkError(f"{url}: the server answered {error.response.status_code}; check the address") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NetworkError(f"{url}: {error or type(error).__name__}; check the address and the connection") from error
    raise AssertionError("retry_context ends by returning or raising")


def _again(error: Exception) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _RETRIED
    return isinstance(error, httpx.TransportError) and not isinstance(error, httpx.UnsupportedProtocol)


def _get(url: str) -> bytes:
    headers = {"User-Agent": "moscow-stance"}
    with (
        httpx.Client(follow_redirects=True, max_redirects=5, timeout=TIMEOUT, headers=headers) as client,
        client.stream("GET", url) as response,
    ):
        response.raise_for_status()
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise InputError(f"{url}: longer than {MAX_BYTES // 1_000_000} MB; save the part you need to a file")
        return bytes(body)
