// What names of files and interfaces say about where a capture was taken, and where they say nothing.
import { describe, expect, it } from 'vitest';
import { roleOfNames } from '../../../src/core/correlate/roles.ts';

describe('the role of a point', () => {
  it.each([
    ['pod1-veth.pcap', null, 'pod-veth'],
    ['pod.pcapng', null, 'pod-veth'],
    ['veth1a2b3c4d.pcap', null, 'pod-veth'],
    ['pod10-veth.pcap.gz', null, 'pod-veth'],
    ['/captures/node7/pod-frontend.pcap', null, 'pod-veth'],
    ['eni0123456789a.pcap', null, 'pod-veth'],
    ['node-eth0.pcap', null, 'node-eth0'],
    ['worker-3.pcap', null, 'node-eth0'],
    ['eth0.pcap', null, 'node-eth0'],
    ['nat-inside.pcap', null, 'nat-inside'],
    ['nat-outside.pcap', null, 'nat-outside'],
    ['NAT_home_side.pcap', null, 'nat-inside'],
    ['NAT_ISP_side.pcap', null, 'nat-outside'],
    ['natgw-lan.pcap', null, 'nat-inside'],
    ['natgw-wan.pcapng.zst', null, 'nat-outside'],
    ['internet.pcap', null, 'internet'],
    ['server.pcap', null, 'internet'],
    ['igw.pcap', null, 'internet'],
    // The interface is surer than the file's name.
    ['capture.pcapng', 'eni0123456789a', 'pod-veth'],
    ['capture.pcapng', 'cali1a2b3c4d5e6', 'pod-veth'],
    ['capture.pcapng', 'lxc1a2b3c4d5e6f', 'pod-veth'],
    ['capture.pcapng', 'ens5', 'node-eth0'],
    ['node.pcapng', 'veth1a2b3c4d', 'pod-veth'],
    // Nothing is said.
    ['capture.pcap', null, null],
    ['dump-2026-01-02.pcap', null, null],
    ['capture.pcapng', 'wlan0', null],
    ['natalie.pcap', null, null],
    ['podium.pcap', null, null],
    ['signature.pcap', null, null],
  ])('%s, interface %s: %s', (file, interfaceName, role) => {
    expect(roleOfNames(file, interfaceName)).toBe(role);
  });
});
