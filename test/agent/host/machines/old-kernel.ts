import { directory } from '../tree.ts'
import type { Tree } from '../tree.ts'

/** `name=value` pairs as the kernel prints protocols: a line of names, a line of values. */
const protocol = (name: string, fields: Readonly<Record<string, number>>): string =>
  `${name}: ${Object.keys(fields).join(' ')}\n${name}: ${Object.values(fields).join(' ')}\n`

const meminfo = `MemTotal:        1883724 kB
MemFree:          119152 kB
MemAvailable:     950708 kB
Buffers:            2076 kB
Cached:           951468 kB
SwapCached:            0 kB
Active:           813100 kB
Inactive:         706960 kB
Active(anon):     567448 kB
Inactive(anon):     8940 kB
SwapTotal:       2097148 kB
SwapFree:        2096884 kB
Dirty:                 4 kB
Slab:             139584 kB
PageTables:         8704 kB
CommitLimit:     3039008 kB
Committed_AS:    2350552 kB
HardwareCorrupted:     0 kB
HugePages_Total:      16
HugePages_Free:       15
Hugepagesize:       2048 kB
DirectMap4k:       96128 kB
`

/** A RHEL 7 host, Linux 3.10: no pressure, no counts of discards and flushes, no schedstat, cgroups of version 1. */
export const oldKernel: Tree = {
  'proc/stat': `cpu  300 10 40 5000 60 1 2 3 0 0
cpu0 100 5 20 2500 30 1 1 2 0 0
cpu1 200 5 20 2500 30 0 1 1 0 0
intr 12345 7 0 9
ctxt 67890
btime 1700000000
processes 4321
procs_running 1
procs_blocked 0
softirq 99 1 2 3 4 5 6 7 8 9 10
`,
  'proc/meminfo': meminfo,
  'proc/vmstat': `nr_free_pages 29788
numa_hit 98765
numa_miss 3
numa_foreign 4
pgpgin 1188
pgpgout 2345
pswpin 0
pswpout 66
pgfault 987654
pgmajfault 321
pgsteal_dma 0
drop_pagecache 0
`,
  'proc/loadavg': '0.00 0.01 0.05 1/234 5678\n',
  'proc/sys/fs/file-nr': '1056\t0\t186338\n',
  'proc/diskstats': `   8       0 sda 22331 30 1519270 18462 48201 3019 1207345 61520 0 24170 79930
   8       1 sda1 1870 0 14156 610 4 0 4096 17 0 540 627
 253       0 dm-0 20110 0 1459802 17680 51150 0 1203145 64720 0 23780 82410
`,
  'proc/net/dev': `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0:1234567890 2000 1 2 3 4 5 6 987654321 3000 7 8 9 10 11 12
  docker0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`,
  'proc/net/netstat':
    protocol('TcpExt', {
      SyncookiesSent: 1,
      SyncookiesRecv: 2,
      SyncookiesFailed: 3,
      EmbryonicRsts: 4,
      ListenOverflows: 5,
      ListenDrops: 6,
      TCPTimeouts: 7,
      TCPOFOQueue: 8,
    }) + protocol('IpExt', { InNoRoutes: 1, InOctets: 6_286_396_970, OutOctets: 2_786_264_347 }),
  'proc/net/snmp':
    protocol('Ip', { Forwarding: 1, DefaultTTL: 64, InReceives: 57_740_232 }) +
    protocol('Icmp', { InMsgs: 104, InErrors: 0, OutMsgs: 120 }) +
    protocol('Tcp', {
      RtoAlgorithm: 1,
      MaxConn: -1,
      ActiveOpens: 3556,
      PassiveOpens: 230,
      AttemptFails: 341,
      EstabResets: 161,
      CurrEstab: 0,
      InSegs: 57_252_008,
      OutSegs: 54_915_039,
      RetransSegs: 227,
      InErrs: 5,
      OutRsts: 1003,
    }) +
    protocol('Udp', {
      InDatagrams: 88_542,
      NoPorts: 120,
      InErrors: 0,
      OutDatagrams: 53_028,
      RcvbufErrors: 9,
      SndbufErrors: 8,
    }),
  'proc/net/sockstat': `sockets: used 169
TCP: inuse 11 orphan 1 tw 7 alloc 13 mem 12
UDP: inuse 4 mem 2
UDPLITE: inuse 0
RAW: inuse 0
FRAG: inuse 0 memory 0
`,
  'proc/net/softnet_stat': `00049279 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 00000000
000dfb82 00000029 0000000a 00000000 00000000 00000000 00000000 00000000 00000000 00000000
`,
  'proc/sys/kernel/random/entropy_avail': '3011\n',
  'proc/sys/kernel/random/poolsize': '4096\n',
  'proc/sys/kernel/ostype': 'Linux\n',
  'proc/sys/kernel/osrelease': '3.10.0-1160.el7.x86_64\n',
  'proc/sys/kernel/version': '#1 SMP Mon Oct 19 16:18:59 UTC 2020\n',
  'proc/sys/kernel/hostname': 'db1\n',
  'proc/sys/kernel/domainname': '(none)\n',
  'proc/self/mounts': '/dev/mapper/rhel-root / xfs rw,relatime 0 0\n',
  ...directory('sys/class/net/eth0', {
    address: '52:54:00:00:00:01\n',
    addr_assign_type: '0\n',
    broadcast: 'ff:ff:ff:ff:ff:ff\n',
    carrier: '1\n',
    dev_id: '0x0\n',
    dormant: '0\n',
    duplex: 'full\n',
    flags: '0x1003\n',
    ifalias: '\n',
    ifindex: '2\n',
    iflink: '2\n',
    link_mode: '0\n',
    mtu: '1500\n',
    operstate: 'up\n',
    speed: '1000\n',
    tx_queue_len: '1000\n',
    type: '1\n',
  }),
  'etc/os-release': `NAME="Red Hat Enterprise Linux Server"
VERSION="7.9 (Maipo)"
ID="rhel"
ID_LIKE="fedora"
VARIANT="Server"
VARIANT_ID="server"
VERSION_ID="7.9"
PRETTY_NAME="Red Hat Enterprise Linux Server 7.9 (Maipo)"
ANSI_COLOR="0;31"
`,
}
