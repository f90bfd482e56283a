#!/usr/bin/env python3
"""Opens one connection after the other at exact moments: race.py CPU START EVERY_MS ADDRESS PORT FIRST_SOURCE_PORT COUNT

Two of these with the same START (seconds since 1970), in two pods and on two processors, send SYNs of equal source ports at
the same microsecond. Each connection is closed once all are open; a SYN that was lost is sent again by the kernel.
"""
import os
import select
import socket
import sys
import time

cpu, start, every = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]) / 1000
address, port, first, count = sys.argv[4], *map(int, sys.argv[5:8])
PATIENCE = 10
SPIN = 0.001

os.sched_setaffinity(0, {cpu})
os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
waiting = {}
for number in range(count):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setblocking(False)
    sock.bind(("", first + number))
    moment = start + number * every
    time.sleep(max(0, moment - SPIN - time.time()))
    while time.time() < moment:
        pass
    sock.connect_ex((address, port))
    waiting[sock.fileno()] = sock

os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
poll = select.poll()
for fd in waiting:
    poll.register(fd, select.POLLOUT)
deadline = time.time() + PATIENCE
while waiting and time.time() < deadline:
    for fd, _ in poll.poll(100):
        poll.unregister(fd)
        waiting.pop(fd).close()
if waiting:
    sys.exit(f"{len(waiting)} connections were not opened")
