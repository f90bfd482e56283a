#!/usr/bin/env python3
"""Gives every netlink socket of a running process a receive buffer of so many bytes: widen-buffers.py PID BYTES

`conntrack -E -b` (1.4.7) widens its query socket and listens on another, which keeps the default of 208 kB and loses
events in a burst. The sockets are reached through pidfd_getfd(2), as root.
"""
import ctypes
import os
import socket
import sys

PIDFD_GETFD = 438
SO_RCVBUFFORCE = 33

pid, size = int(sys.argv[1]), int(sys.argv[2])
libc = ctypes.CDLL(None, use_errno=True)
process = os.pidfd_open(pid)
widened = 0
for name in os.listdir(f"/proc/{pid}/fd"):
    if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
        continue
    fd = libc.syscall(PIDFD_GETFD, process, int(name), 0)
    if fd < 0:
        sys.exit(f"pidfd_getfd: {os.strerror(ctypes.get_errno())}")
    with socket.socket(fileno=fd) as sock:
        if sock.family == socket.AF_NETLINK:
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, size)
            widened += 1
if widened == 0:
    sys.exit(f"process {pid} has no netlink socket")
