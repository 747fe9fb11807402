import { machine } from 'node:os'
import type { Clock } from '../../common/clock.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { createArpCounter } from './arp.ts'
import { readBonding } from './bonding.ts'
import { parseConntrack, parseConntrackStat } from './conntrack.ts'
import { readThrottles } from './cpu-heat.ts'
import { createStatParser } from './cpu.ts'
import { readDiskInfo } from './disk-info.ts'
import { createDiskstatsParser } from './disk.ts'
import { readDmi } from './dmi.ts'
import { readEdac } from './edac.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { parseLoad, readPressure } from './load.ts'
import { parseMdstat } from './mdadm.ts'
import { parseFileDescriptors, parseMeminfo, parseVmstat } from './memory.ts'
import { createNetclassReader } from './netclass.ts'
import type { NetclassOptions } from './netclass.ts'
import { createNetstatParser, parseSnmp6 } from './netstat.ts'
import { createNetworkParser } from './network.ts'
import { readNvme } from './nvme.ts'
import { readRapl } from './rapl.ts'
import { createSchedstatParser } from './schedstat.ts'
import { readSelinux } from './selinux.ts'
import { readUdpQueues } from './sockets.ts'
import { createSockstatParser } from './sockstat.ts'
import { createSoftnetParser } from './softnet.ts'
import { infoTable, namedTable, numberOf } from './table.ts'
import { readClocksources, timeZoneTable } from './time.ts'

/** Something that is read at once. What is not there gives a system error, or no rows. */
export interface Collector {
  readonly name: string
  /** 0: at each scrape; else its tables are kept in between. */
  readonly everyMs: number
  readonly collect: () => readonly SampleTable[]
}

const minuteMs = 60_000

export interface CollectorOptions extends Omit<NetclassOptions, 'files' | 'nowMs'> {
  readonly clock: Clock
  readonly files: KernelFiles
  readonly pageBytes: number
  /** The content of /etc/localtime. */
  readonly timeZone: () => Buffer | undefined
}

/** All that the kernel tells from its memory, by the names of node_exporter's collectors. */
export function createCollectors(options: CollectorOptions): readonly Collector[] {
  const { clock, files, links, onChange } = options
  const parseStat = createStatParser()
  const parseDiskstats = createDiskstatsParser()
  const parseNetwork = createNetworkParser()
  const netstat = [
    { file: 'proc/net/netstat', parse: createNetstatParser() },
    { file: 'proc/net/snmp', parse: createNetstatParser() },
  ]
  const parseSockstat = createSockstatParser(options.pageBytes)
  const parseSoftnet = createSoftnetParser()
  const parseSchedstat = createSchedstatParser()
  const countArp = createArpCounter()
  const readNetclass = createNetclassReader({ files, links, onChange, nowMs: () => clock.monotonic() })
  const readTime = createTimeReader(options)

  const each = (name: string, collect: Collector['collect']): Collector => ({ name, everyMs: 0, collect })
  const every = (everyMs: number, name: string, collect: Collector['collect']): Collector => ({
    name,
    everyMs,
    collect,
  })
  return [
    each('cpu', () => parseStat(files.read('proc/stat'))),
    each('meminfo', () => parseMeminfo(files.read('proc/meminfo'))),
    each('vmstat', () => parseVmstat(files.read('proc/vmstat'))),
    each('loadavg', () => parseLoad(files.read('proc/loadavg'))),
    each('filefd', () => parseFileDescriptors(files.read('proc/sys/fs/file-nr'))),
    each('diskstats', () => parseDiskstats(files.read('proc/diskstats'))),
    each('netdev', () => parseNetwork(files.read('proc/net/dev'))),
    each('pressure', () => readPressure(files)),
    each('netstat', () => [
      ...netstat.flatMap(({ file, parse }) => parse(files.read(file))),
      // Absent where IPv6 is off.
      ...parseSnmp6(files.readIfThere('proc/net/snmp6') ?? ''),
    ]),
    each('sockstat', () => [
      ...parseSockstat(files.read('proc/net/sockstat')),
      ...parseSockstat(files.readIfThere('proc/net/sockstat6') ?? ''),
    ]),
    each('softnet', () => parseSoftnet(files.read('proc/net/softnet_stat'))),
    each('schedstat', () => parseSchedstat(files.read('proc/schedstat'))),
    each('conntrack', () => [
      ...parseConntrack(
        files.read('proc/sys/net/netfilter/nf_conntrack_count'),
        files.read('proc/sys/net/netfilter/nf_conntrack_max'),
      ),
      ...parseConntrackStat(files.readIfThere('proc/net/stat/nf_conntrack') ?? ''),
    ]),
    each('arp', () => countArp(files.lines('proc/net/arp'))),
    each('udp_queues', () => readUdpQueues(files)),
    each('netclass', readNetclass),
    each('time', readTime),
    each('mdadm', () => parseMdstat(files.read('proc/mdstat'))),
    every(minuteMs, 'rapl', () => readRapl(files)),
    every(minuteMs, 'uname', () => readUname(files)),
    every(minuteMs, 'bonding', () => readBonding(files)),
    every(minuteMs, 'edac', () => readEdac(files)),
    every(minuteMs, 'entropy', () => readEntropy(files)),
    every(minuteMs, 'nvme', () => readNvme(files)),
    every(minuteMs, 'thermal_throttle', () => readThrottles(files)),
    every(5 * minuteMs, 'disk_info', () => readDiskInfo(files)),
    every(5 * minuteMs, 'dmi', () => readDmi(files)),
    every(5 * minuteMs, 'selinux', () => readSelinux(files)),
  ]
}

/** uname(2) from the files it comes from; the machine's name is in none of them. */
function readUname(files: KernelFiles): readonly SampleTable[] {
  const of = (name: string): string => files.read(`proc/sys/kernel/${name}`, 'utf8').trim()
  return [
    infoTable('node_uname_info', {
      domainname: of('domainname'),
      machine: machine(),
      nodename: of('hostname'),
      release: of('osrelease'),
      sysname: of('ostype'),
      version: of('version'),
    }),
  ]
}

function readEntropy(files: KernelFiles): readonly SampleTable[] {
  const metrics = ['node_entropy_available_bits', 'node_entropy_pool_size_bits']
  const values = ['entropy_avail', 'poolsize'].map((name) =>
    numberOf(files.value(`proc/sys/kernel/random/${name}`)),
  )
  return values.every((value) => value === undefined) ? [] : [namedTable(metrics, values)]
}

function createTimeReader({ clock, files, timeZone }: CollectorOptions): () => readonly SampleTable[] {
  const metrics = ['node_time_seconds']
  let zone: SampleTable | undefined
  let clocksources: readonly SampleTable[] = []
  let readAtMs = -Infinity
  return () => {
    const nowMs = clock.now()
    if (zone === undefined || clock.monotonic() - readAtMs >= minuteMs) {
      readAtMs = clock.monotonic()
      clocksources = readClocksources(files)
      zone = timeZoneTable(timeZone(), nowMs)
    }
    return [namedTable(metrics, [nowMs / 1000]), zone, ...clocksources]
  }
}
