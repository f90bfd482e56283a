#!/usr/bin/env python3
"""Sends one datagram each from so many sockets, all with the same bytes: knock.py ADDRESS PORT COUNT TEXT

Path MTU discovery is on (as in QUIC stacks), so the kernel gives each packet the IP id 0: the packets differ in their source
port only.
"""
import socket
import sys

IP_MTU_DISCOVER, IP_PMTUDISC_DO = 10, 2

address, port, count, text = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode()
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(count)]
for sock in sockets:
    sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
for sock in sockets:
    sock.sendto(text, (address, port))
