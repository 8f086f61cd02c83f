import platform
import subprocess
import sys

import pytest

SCRIPT = """
import ctypes, sys
from assistant.audio.quiet import mute_c_stderr
assert mute_c_stderr()
libc = ctypes.CDLL(None)
libc.fputs(b"a library's noise\\n", ctypes.c_void_p.in_dll(libc, "stderr"))
libc.perror(b"more noise")
print("our own message", file=sys.stderr)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C Library lets stderr be assigned")
def test_c_libraries_fall_silent_and_python_does_not() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "our own message\n"
