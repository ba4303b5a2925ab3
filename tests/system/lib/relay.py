# SPDX-License-Identifier: Apache-2.0
"""A TCP relay in a thread: a way to a broker that can be slow, stand still, or be cut."""

import asyncio
import contextlib
import threading

from lib.proc import PATIENCE

_CHUNK = 65536
_AHEAD = 64  # chunks that wait in one direction of one connection; then its sender has to


class Relay:
    """Connections to 127.0.0.1:port go to `target` (host, port). What is set counts at once, for connections that exist
    too; order within a connection is kept.

    delay(seconds)  each byte arrives so much later, in each direction
    freeze()        nothing passes any more, connections stay; thaw() lets all of it pass
    cut()           connections are reset, new ones are closed as they come; mend() ends that
    """

    def __init__(self, target, port=0, delay=0.0):
        self.target = target
        self.port = port
        self.connections = 0  # how many were made in all
        self._delay = delay
        self._is_cut = False
        self._writers = set()
        self._tasks = set()
        self._loop = asyncio.new_event_loop()
        self._flows = None
        self._server = None
        self._thread = threading.Thread(target=self._main, name="relay", daemon=True)
        self._thread.start()
        self._call(self._open())

    # -- for tests ------------------------------------------------------------------------------------------------

    def delay(self, seconds):
        self._delay = seconds

    def freeze(self):
        self._loop.call_soon_threadsafe(self._flows.clear)

    def thaw(self):
        self._loop.call_soon_threadsafe(self._flows.set)

    def cut(self):
        async def reset():
            self._is_cut = True
            for writer in list(self._writers):
                writer.transport.abort()
        self._call(reset())

    def mend(self):
        self._is_cut = False

    def close(self):
        if self._loop.is_closed():
            return
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10 * PATIENCE)
        assert not self._thread.is_alive(), "a relay does not end"
        self._loop.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    # -- the thread -----------------------------------------------------------------------------------------------

    def _main(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10 * PATIENCE)

    async def _open(self):
        self._flows = asyncio.Event()
        self._flows.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=_CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self):
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        self._writers.add(writer)
        self.connections += 1
        far = None
        try:
            if self._is_cut:
                return
            far_reader, far = await asyncio.open_connection(*self.target, limit=_CHUNK)
            self._writers.add(far)
            await self._both_ways(reader, writer, far_reader, far)
        except (OSError, asyncio.CancelledError):
            pass  # either side went away
        finally:
            for one in (writer, far):
                if one:
                    self._writers.discard(one)
                    one.transport.abort()
            self._tasks.discard(task)

    async def _both_ways(self, reader, writer, far_reader, far):
        """Until one of the four fails, or one side says that it has ended."""
        pipes = []
        for source, sink in ((reader, far), (far_reader, writer)):
            queue = asyncio.Queue(_AHEAD)
            pipes += [asyncio.ensure_future(self._take(source, queue)), asyncio.ensure_future(self._give(queue, sink))]
        try:
            await asyncio.wait([pipes[1], pipes[3]], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pipe in pipes:
                pipe.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)

    async def _take(self, source, queue):
        with contextlib.suppress(OSError):
            while data := await source.read(_CHUNK):
                await queue.put((self._loop.time() + self._delay, data))
        await queue.put((0, b""))

    async def _give(self, queue, sink):
        while True:
            due, data = await queue.get()
            wait = due - self._loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            await self._flows.wait()
            if not data:
                return
            sink.write(data)
            await sink.drain()


class Relays:
    """A Relay in front of each node of a Kafka whose `outside` is set; to be made before the cluster starts."""

    def __init__(self, cluster, delay=0.0):
        self.each = [Relay((cluster.host, node.outside_port), delay=delay) for node in cluster.nodes]
        for node, relay in zip(cluster.nodes, self.each):
            node.advertised = ("127.0.0.1", relay.port)

    def __getattr__(self, name):
        def all_of_them(*args):
            for relay in self.each:
                getattr(relay, name)(*args)
        if name not in ("delay", "freeze", "thaw", "cut", "mend", "close"):
            raise AttributeError(name)
        return all_of_them

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for relay in self.each:
            relay.close()
