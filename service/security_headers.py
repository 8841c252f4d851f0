"""The headers by which browsers keep the service's pages from other pages, and from scripts that are not theirs."""

from __future__ import annotations

from starlette.types import Message, Send

_POLICY = (
    "default-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors {}"
)
_STUDIO = "/studio/"
_STUDIO_SCRIPTS = "; script-src 'self' 'wasm-unsafe-eval'"  # it tries models by WebAssembly
_PERMISSIONS = b"microphone=(self), camera=(), geolocation=(), serial=%s"
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def with_headers(send: Send, path: str | None, framed: bool) -> Send:
    """Add the headers to the response to a request for a path.

    framed: pages of the same origin may show this one within theirs.
    """
    policy = _POLICY.format("'self'" if framed else "'none'")
    studio = path is not None and path.startswith(_STUDIO)
    if studio:
        policy += _STUDIO_SCRIPTS
    permissions = _PERMISSIONS % (b"(self)" if studio else b"()")  # the studio writes boards
    headers = ((b"content-security-policy", policy.encode()), (b"permissions-policy", permissions), *_HEADERS)

    async def add(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message["headers"] = [*message.get("headers", []), *headers]
        await send(message)

    return add
