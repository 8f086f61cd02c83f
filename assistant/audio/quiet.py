"""Keep C libraries from writing over the user's screen.

ALSA, PortAudio ("Expression … failed in …", also from its audio thread when a device goes away) and mpg123 print to the
C stream ``stderr``. Python's own ``sys.stderr`` goes to the file descriptor and is not touched.
"""

import ctypes
import os
from functools import cache


@cache
def mute_c_stderr() -> bool:
    """Point the C library's ``stderr`` at nothing, for the rest of the process. True where that is possible.

    Only with the GNU C Library, whose manual ("Standard Streams") allows assigning to the variable; elsewhere it may be
    read-only. Redirecting descriptor 2 instead would swallow our own messages and parts of the terminal screen.
    """
    libc = ctypes.CDLL(None)
    if not hasattr(libc, "gnu_get_libc_version"):
        return False
    libc.fopen.restype = ctypes.c_void_p
    nothing = libc.fopen(os.devnull.encode(), b"we")
    if not nothing:
        return False
    ctypes.c_void_p.in_dll(libc, "stderr").value = nothing
    return True
