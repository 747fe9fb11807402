import { readFile, statfs } from 'node:fs/promises'
import { machine } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../common/clock.ts'
import { messageOf, systemCodeOf } from '../../common/errors.ts'
import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createStatParser } from './cpu.ts'
import { parseDiskstats } from './disk.ts'
import { createFilesystemReader } from './filesystem.ts'
import type { StatFilesystem } from './filesystem.ts'
import { parseLoad, parsePressure } from './load.ts'
import { parseFileDescriptors, parseMeminfo, parseVmstat } from './memory.ts'
import { parseMounts } from './mounts.ts'
import { parseNetworkDevices } from './network.ts'
import { plainTable } from './table.ts'

export interface HostOptions {
  readonly clock: Clock
  /** Where /proc lies; `/` unless told. */
  readonly root?: string
  readonly statfs?: StatFilesystem
}

export interface HostMeasurement {
  readonly tables: readonly SampleTable[]
  /** What could not be measured, by collector; an interface that this kernel does not have is not listed. */
  readonly failures: ReadonlyMap<string, string>
}

/** Measures the machine: what the kernel says in /proc, under node_exporter's names. No process is spawned. */
export type MeasureHost = (timeoutMs: number) => Promise<HostMeasurement>

/** @returns a function that never rejects; each collector fails for itself */
export function createHost(options: HostOptions): MeasureHost {
  const { clock, root = '/' } = options
  const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8')
  const parseStat = createStatParser()
  const filesystems = createFilesystemReader({ clock, statfs: options.statfs ?? ((path) => statfs(path)) })

  const collectors: Readonly<Record<string, (timeoutMs: number) => Promise<readonly SampleTable[]>>> = {
    cpu: async () => parseStat(await read('proc/stat')),
    meminfo: async () => parseMeminfo(await read('proc/meminfo')),
    vmstat: async () => parseVmstat(await read('proc/vmstat')),
    loadavg: async () => parseLoad(await read('proc/loadavg')),
    filefd: async () => parseFileDescriptors(await read('proc/sys/fs/file-nr')),
    diskstats: async () => parseDiskstats(await read('proc/diskstats')),
    netdev: async () => parseNetworkDevices(await read('proc/net/dev')),
    pressure_cpu: async () => parsePressure('cpu', await read('proc/pressure/cpu')),
    pressure_io: async () => parsePressure('io', await read('proc/pressure/io')),
    pressure_memory: async () => parsePressure('memory', await read('proc/pressure/memory')),
    uname: () => readUname(read),
    time: () => Promise.resolve([plainTable(new Map([['node_time_seconds', clock.now() / 1000]]))]),
    // Last, because it alone can take long.
    filesystem: async (timeoutMs) => filesystems(parseMounts(await read('proc/self/mounts')), timeoutMs / 5),
  }

  return async (timeoutMs) => {
    const tables: SampleTable[] = []
    const failures = new Map<string, string>()
    const report: SampleRow[] = []
    for (const [name, collect] of Object.entries(collectors)) {
      const startedMs = clock.monotonic()
      let success = 1
      try {
        tables.push(...(await collect(timeoutMs)))
      } catch (error) {
        // PSI may be compiled out or disabled at boot (EOPNOTSUPP).
        if (['ENOENT', 'EOPNOTSUPP', 'ENOTSUP'].includes(systemCodeOf(error) ?? '')) continue
        success = 0
        failures.set(name, messageOf(error))
      }
      report.push({ labels: [name], values: [(clock.monotonic() - startedMs) / 1000, success] })
    }
    tables.push({
      metrics: ['node_scrape_collector_duration_seconds', 'node_scrape_collector_success'],
      labelNames: ['collector'],
      rows: report,
    })
    return { tables, failures }
  }
}

/** uname(2) from the files it comes from; the machine's name is in none of them. */
async function readUname(read: (file: string) => Promise<string>): Promise<readonly SampleTable[]> {
  const names = ['domainname', 'hostname', 'osrelease', 'ostype', 'version']
  const [domainname, nodename, release, sysname, version] = await Promise.all(
    names.map(async (name) => (await read(`proc/sys/kernel/${name}`)).trim()),
  )
  const labels = { domainname, machine: machine(), nodename, release, sysname, version }
  return [
    {
      metrics: ['node_uname_info'],
      labelNames: Object.keys(labels),
      rows: [{ labels: Object.values(labels).map((label) => label ?? ''), values: [1] }],
    },
  ]
}
