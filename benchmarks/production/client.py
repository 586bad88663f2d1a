"""A small HTTP client for many connections in one thread."""

import asyncio
import gzip
import ssl
from dataclasses import dataclass
from time import perf_counter

MOST_SECONDS = 60.0


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


class Connection:
    """A connection that's kept open, like a browser's or a carrier's. One request at a time."""

    def __init__(self, port: int, tls: ssl.SSLContext) -> None:
        self.port, self.tls = port, tls
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.busy = asyncio.Lock()

    async def request(
        self, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Response:
        """Return the response. Raises OSError, asyncio.IncompleteReadError, or TimeoutError."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{self.port}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}"] if body else []
        data = "\r\n".join([*lines, "", ""]).encode() + body
        async with self.busy:
            start = perf_counter()
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    status, answer, content = await self._exchange(data)
            except BaseException:
                self.close()
                raise
            return Response(status, answer, content, perf_counter() - start)

    def close(self) -> None:
        if self.streams:
            self.streams[1].close()
        self.streams = None

    async def _exchange(self, data: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send the request, again on a new connection if the server has closed the old one."""
        if self.streams:
            try:
                return await self._send(*self.streams, data)
            except (ConnectionError, asyncio.IncompleteReadError) as error:
                self.close()
                if getattr(error, "partial", b""):
                    raise
        self.streams = await asyncio.open_connection(
            "localhost", self.port, ssl=self.tls, limit=1024 * 1024
        )
        return await self._send(*self.streams, data)

    async def _send(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, data: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        writer.write(data)
        await writer.drain()
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        body = await _read_body(reader, headers)
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), headers, body


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        parts = []
        while length := int(await reader.readuntil(b"\r\n"), 16):
            parts.append((await reader.readexactly(length + 2))[:-2])
        await reader.readuntil(b"\r\n")
        body = b"".join(parts)
    else:
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    return gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
