"""Refuses and writes down whatever Python code would do on a network; Unix sockets stay on this machine.

Python imports a module of this name by itself when its folder is in PYTHONPATH, so it guards a whole tree of processes
from their first line on. Native code that calls the C library itself passes it by.
"""

import os
import socket
import sys

LOG = os.environ["NETWORK_LOG"]
OF_A_SOCKET = {"socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"}
OF_NAMES = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"}


def guard(event: str, args: tuple) -> None:
    if event not in OF_NAMES and (event not in OF_A_SOCKET or args[0].family == socket.AF_UNIX):
        return
    with open(LOG, "a", encoding="utf-8") as log:  # noqa: PTH123
        log.write(f"{event} {args[1:] if event in OF_A_SOCKET else args}\n")
    raise PermissionError(f"the guard refuses {event}")


sys.addaudithook(guard)
