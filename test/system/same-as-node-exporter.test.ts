import { describe, expect, test } from 'vitest'
import { createHost } from '../../agent/host/host.ts'
import { systemClock } from '../../common/clock.ts'
import type { SampleTable } from '../../common/series/sample-table.ts'
import { arm } from '../agent/host/machines/arm.ts'
import { oldKernel } from '../agent/host/machines/old-kernel.ts'
import { twoSockets } from '../agent/host/machines/two-sockets.ts'
import { plant } from '../agent/host/tree.ts'
import { nodeExporter, startNodeExporter } from './node-exporter.ts'

interface Exception {
  /** Of `name{labels}`. */
  readonly series: RegExp
  readonly reason: string
}

/** What the exporter has and pgherd has not. */
const missing: readonly Exception[] = [
  { series: /^node_exporter_build_info/, reason: 'is about the exporter; the agent tells its own version' },
  {
    series: /^node_scrape_collector_/,
    reason: 'its collectors are not ours, ours report under the same names',
  },
  { series: /^node_textfile_/, reason: 'reads files of metrics, which the agent does not' },
  { series: /^node_timex_/, reason: 'needs adjtimex(2); the clock is watched by asking chrony or timesyncd' },
  { series: /^node_systemd_/, reason: 'is another stage of the agent' },
  {
    series: /^node_processes_(threads_)?state\{/,
    reason: 'a process may be in that state at the one moment and not at the other',
  },
  { series: /"zram\d/, reason: 'a RAM disk; later versions of the exporter leave it out, too' },
  {
    series: /^node_network_speed_bytes\{.*\} -125000$/,
    reason: 'a speed of -1 stands for unknown: no sample rather than a negative one',
  },
  {
    series: /^node_rapl_/,
    reason: 'its label path begins with the directory that /sys was read from, which differs in a tree only',
  },
]

/** What pgherd has and the exporter has not. */
const additional: readonly Exception[] = [
  { series: /^node_scrape_collector_/, reason: 'the names of the collectors are partly our own' },
  {
    series: /^pgherd_host_collector_age_seconds/,
    reason: 'tells how old the figures are that are read seldom',
  },
  {
    series: /^node_vmstat_numa_/,
    reason: 'dashboards for databases show where memory was allocated; the exporter needs a flag for it',
  },
  {
    series: /^node_netstat_(Tcp_AttemptFails|Tcp_EstabResets|TcpExt_TCPOFOQueue|TcpExt_TCPRcvQDrop)/,
    reason: 'defaults of later versions, and what common dashboards show',
  },
  {
    series: /^node_network_(receive|transmit)_.*\{device="lo"\}/,
    reason: 'Debian leaves the loopback device out by default, upstream does not',
  },
  { series: /^node_network_receive_nohandler_total/, reason: 'only netlink gives it to the exporter' },
  { series: /^node_pressure_irq_/, reason: 'the interface is younger than the exporter' },
  {
    series: /^node_filesystem_.*mountpoint="\/(run|mnt|media)/,
    reason: 'Debian leaves these out by default',
  },
  {
    series: /^node_filesystem_.*\{device="\/dev\/mapper\/rhel-root"/,
    reason: 'the exporter reads the mounts of process 1, which a tree has none of',
  },
  { series: /^node_filesystem_.*fstype="overlay",mountpoint="\/"/, reason: 'the disk of a container' },
  { series: /^node_uname_info\{.*release="3\.10\./, reason: 'the exporter asks the kernel that it runs on' },
  {
    series: /^node_tcp_connection_states.* 0$/,
    reason: 'a state that nobody is in is 0 instead of absent',
  },
  {
    series: /^node_(processes_(threads_)?state)\{/,
    reason: 'a process may be in that state at the one moment and not at the other',
  },
  { series: /^node_rapl_/, reason: 'see above' },
]

/** What has another value, within the tolerance of its kind. */
const unsteady: readonly Exception[] = [
  { series: /^node_scrape_collector_/, reason: 'each tells how it went itself' },
  {
    series: /^node_(procs_running|procs_blocked|processes_|tcp_connection_states|sockstat_|udp_queues)/,
    reason: 'counts what is there at the moment; other programs come and go',
  },
  {
    series:
      /^node_(load|memory_|filesystem_(free|avail|files_free)|disk_io_now|entropy_available|filefd_alloc|arp_|nf_conntrack_entries\{)/,
    reason: 'moves with the load',
  },
  { series: /^node_netstat_Tcp_CurrEstab/, reason: 'moves with the load' },
]

/** Counters of one moment and of a few seconds later: that much they may have grown. */
const growth = { factor: 1.2, absolute: 200_000 }

const excepted = (list: readonly Exception[], text: string): boolean =>
  list.some(({ series }) => series.test(text))

function seriesOf(tables: readonly SampleTable[]): ReadonlyMap<string, number> {
  const series = new Map<string, number>()
  for (const { metrics, labelNames, rows } of tables) {
    for (const { labels, values } of rows) {
      const pairs = labelNames.map((name, i) => `${name}="${escape(labels[i]!)}"`)
      for (const [i, value] of values.entries()) {
        if (value !== undefined) series.set(`${metrics[i]}{${pairs.join()}}`, value)
      }
    }
  }
  return series
}

const escape = (label: string): string =>
  label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

interface Comparison {
  readonly missing: readonly string[]
  readonly additional: readonly string[]
  readonly different: readonly string[]
  readonly same: number
}

/**
 * What comes, goes or changes meanwhile, a disk that somebody mounts, is as the exporter saw it before or after that.
 * @param isSame compares values; `later` was measured after `earlier`
 */
async function compare(
  root: string | undefined,
  isSame: (series: string, earlier: number, later: number) => boolean,
): Promise<Comparison> {
  await using exporter = await startNodeExporter(root)
  using measure = createHost(root === undefined ? { clock: systemClock } : { clock: systemClock, root })
  const look = async (): Promise<ReadonlyMap<string, number>> => {
    const { tables, failures } = await measure(10_000)
    expect(failures).toEqual(new Map())
    return seriesOf(tables)
  }
  const before = await look()
  const theirs = await exporter.scrape()
  const after = await look()
  const text = ([series, value]: readonly [string, number]): string => `${series} ${value}`
  const common = [...theirs].filter(([series]) => before.has(series) || after.has(series))
  const isAsBefore = (series: string, value: number): boolean => {
    const ours = before.get(series)
    return ours !== undefined && isSame(series, ours, value)
  }
  const isAsAfter = (series: string, value: number): boolean => {
    const ours = after.get(series)
    return ours !== undefined && isSame(series, value, ours)
  }
  return {
    missing: [...theirs]
      .filter(([series]) => !before.has(series) && !after.has(series))
      .map(text)
      .filter((one) => !excepted(missing, one)),
    additional: [...after]
      .filter(([series]) => before.has(series) && !theirs.has(series))
      .map(text)
      .filter((one) => !excepted(additional, one)),
    different: common
      .filter(([series, value]) => !isAsBefore(series, value) && !isAsAfter(series, value))
      .map((one) => `${text(one)}, ours ${before.get(one[0])} and ${after.get(one[0])}`),
    same: common.length,
  }
}

const nothing = { missing: [], additional: [], different: [] }

describe.skipIf(nodeExporter === undefined)(
  `the real node_exporter${nodeExporter === undefined ? ' (prometheus-node-exporter is not installed)' : ''}`,
  () => {
    test('says of this machine what pgherd says, by name, label and value', async () => {
      const found = await compare(undefined, (series, earlier, later) => {
        if (excepted(unsteady, series)) return true
        if (/_total\{|^node_(netstat|vmstat|time_seconds|forks|intr|context)/.test(series)) {
          return later >= earlier * 0.999 && later <= earlier * growth.factor + growth.absolute
        }
        return later === earlier
      })
      expect(found).toMatchObject(nothing)
      expect(found.same).toBeGreaterThan(300)
    })

    // Of trees made of files nothing moves: all values are the same to the last digits.
    test.each([
      ['with two sockets, sensors, bonds, RAID and NVMe', twoSockets, 300],
      ['with Linux 3.10', oldKernel, 120],
      ['of arm64', arm, 40],
    ])('says of a machine %s what pgherd says', async (_, tree, atLeast) => {
      const found = await compare(plant(tree), (series, earlier, later) =>
        /^node_(time_seconds|scrape_collector_)/.test(series)
          ? true
          : Math.abs(earlier - later) <= 1e-9 * Math.abs(earlier),
      )
      expect(found).toMatchObject(nothing)
      expect(found.same).toBeGreaterThan(atLeast)
    })
  },
)
