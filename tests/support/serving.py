"""The real server on a free port of this machine, in a thread of its own, while a test needs it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import uvicorn

from mash.db import Database
from mash.settings import Settings
from web.app import create_app

HOST = "127.0.0.1"


@contextmanager
def served(db: Database, settings: Settings) -> Iterator[str]:
    """The address of a server over this database. Who connects before it has started is answered when it has."""
    with socket.create_server((HOST, 0)) as listener:
        app = create_app(settings=settings, db=db)
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", server_header=False)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
