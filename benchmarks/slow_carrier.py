"""A carrier for benchmarks, in a process of its own: accepts each text after `DELAY` seconds.

Texts to numbers that end in 99 get no answer. `python -m benchmarks.slow_carrier` prints its port.
"""

import asyncio
import itertools
import json
import sys

DELAY = 0.05
HANGS = "99"
ids = itertools.count(1)


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = 0
            for line in head.lower().split(b"\r\n"):
                if line.startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            body = await reader.readexactly(length)
            await answer(head, body, writer)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def answer(head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
    if head.startswith(b"GET"):
        content = json.dumps({"messages": [], "next_page_uri": None})
    else:
        to = next(part for part in body.split(b"&") if part.startswith(b"To="))
        await asyncio.sleep(3600 if to.endswith(HANGS.encode()) else DELAY)
        content = json.dumps({"sid": f"SM{next(ids):032x}", "status": "queued"})
    data = content.encode()
    writer.write(
        b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (len(data), data)
    )
    await writer.drain()


async def main() -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=256)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
