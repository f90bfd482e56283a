#!/usr/bin/env python3
"""A wire with faults: a user-mode relay between two TAP devices, for kernels without netem.

    relay.py DEVICE_A DEVICE_B '{"a": FAULTS, "b": FAULTS, "seed": N}'

`a` holds for frames from A to B, `b` for the way back. FAULTS: {"delayMs": [lowest, highest], "loss": p, "duplicate": p,
"keepOrder": true, "loseSyns": p}. Each IP frame waits a random time between the two bounds, so a wide range reorders, unless
`keepOrder`; a lost one is read and not written. Frames of other kinds (ARP) pass at once. Prints "ready" when the devices
exist; ends with its standard input.
"""
import fcntl
import heapq
import json
import os
import random
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LONGEST_FRAME = 65536 + 14


def open_tap(name):
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def is_ip(frame):
    return frame[12:14] in (b"\x08\x00", b"\x86\xdd")


def is_syn(frame):
    if frame[12:14] != b"\x08\x00" or frame[23] != 6:
        return False
    at = 14 + (frame[14] & 15) * 4
    return len(frame) > at + 13 and frame[at + 13] & 0x12 == 0x02


class Way:
    def __init__(self, source, sink, faults, chance):
        self.source, self.sink, self.chance = source, sink, chance
        self.lowest, self.highest = (ms / 1000 for ms in faults.get("delayMs", [0, 0]))
        self.loss = faults.get("loss", 0)
        self.lose_syns = faults.get("loseSyns", 0)
        self.duplicate = faults.get("duplicate", 0)
        self.keep_order = faults.get("keepOrder", False)
        self.last = 0.0

    def due_times(self, frame, now):
        """When the frame is to be written: never, once, or twice."""
        if not is_ip(frame):
            return [now]
        if self.chance.random() < self.loss or (self.lose_syns and is_syn(frame) and self.chance.random() < self.lose_syns):
            return []
        times = [now + self.chance.uniform(self.lowest, self.highest)]
        if self.chance.random() < self.duplicate:
            times.append(now + self.chance.uniform(self.lowest, self.highest))
        if self.keep_order:
            times = [max(due, self.last) for due in times]
            self.last = max(times)
        return times


def relay(ways):
    waiting, number = [], 0
    by_source = {way.source: way for way in ways}
    while True:
        pause = None if not waiting else max(0.0, waiting[0][0] - time.monotonic())
        readable, _, _ = select.select([*by_source, 0], [], [], pause)
        if 0 in readable and not os.read(0, 1):
            return
        for source in readable:
            if source == 0:
                continue
            way = by_source[source]
            for _ in range(256):
                try:
                    frame = os.read(source, LONGEST_FRAME)
                except (BlockingIOError, OSError):
                    break
                for due in way.due_times(frame, time.monotonic()):
                    number += 1
                    heapq.heappush(waiting, (due, number, way.sink, frame))
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, _, sink, frame = heapq.heappop(waiting)
            try:
                os.write(sink, frame)
            except OSError:
                pass  # the other end is down: a cable that is not plugged in


def main():
    device_a, device_b, faults = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    a, b = open_tap(device_a), open_tap(device_b)
    chance = random.Random(faults.get("seed", 1))
    print("ready", flush=True)
    relay([Way(a, b, faults.get("a", {}), chance), Way(b, a, faults.get("b", {}), chance)])


main()
