"""Notes in a file what any process does that could reach beyond it; Python loads this by itself."""

from __future__ import annotations

import os
import sys

WATCHED = (
    "socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname",
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile",
    "pickle.find_class", "urllib.Request", "http.client.connect", "webbrowser.open",
    "ftplib.connect", "smtplib.connect", "shutil.unpack_archive",
)  # fmt: skip
LOG = os.environ.get("I2M_AUDIT", "")


def noted(event: str, arguments: tuple[object, ...]) -> None:
    """Note an event with the files of the code that led to it, the last one first."""
    if event not in WATCHED:
        return
    frame, files = sys._getframe(1), []
    while frame is not None:
        files.append(frame.f_code.co_filename)
        frame = frame.f_back
    line = "\t".join([event, ascii(arguments)[:200], " < ".join(dict.fromkeys(files))])
    handle = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(handle, line.encode("ascii", "backslashreplace") + b"\n")
    os.close(handle)


if LOG:
    sys.addaudithook(noted)
