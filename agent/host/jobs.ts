import type { SampleTable } from '../../common/series/sample-table.ts'
import type { BackgroundWork } from './background.ts'
import { readFrequencies } from './cpu-frequency.ts'
import { readHwmon } from './hwmon.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { readLinks } from './netclass.ts'
import type { Link } from './netclass.ts'
import { parseOsRelease } from './os-release.ts'
import { readPowerSupplies } from './power-supply.ts'
import { readProcesses } from './processes.ts'
import type { SlowFiles } from './slow-files.ts'
import { readTcpStates } from './sockets.ts'
import { readThermal } from './thermal.ts'

const minuteMs = 60_000

/** Half a millisecond of every ten seconds, each. */
const share = 0.00005
const maxEveryMs = 5 * minuteMs

export interface JobOptions {
  readonly files: KernelFiles
  readonly slowFiles: SlowFiles
  readonly onLinks: (links: ReadonlyMap<string, Link>) => void
  readonly onTimeZone: (tzfile: Buffer | undefined) => void
}

/** What asks devices and disks, which may hang, and what walks through long lists. */
export function createJobs({ files, slowFiles, onLinks, onTimeZone }: JobOptions): readonly BackgroundWork[] {
  const device = (
    name: string,
    everyMs: number,
    collect: () => Promise<readonly SampleTable[]>,
  ): BackgroundWork => ({ name, everyMs, maxEveryMs, share, slow: true, collect })
  const walk = (name: string, collect: BackgroundWork['collect']): BackgroundWork => ({
    name,
    everyMs: minuteMs,
    maxEveryMs,
    share,
    slow: false,
    collect,
  })
  return [
    device('links', 5 * minuteMs, async () => {
      onLinks(await readLinks(files, slowFiles))
      return []
    }),
    device('os', 10 * minuteMs, async () => {
      onTimeZone(await slowFiles.bytes('etc/localtime'))
      const text = (await slowFiles.value('etc/os-release')) ?? (await slowFiles.value('usr/lib/os-release'))
      return text === undefined ? [] : parseOsRelease(text)
    }),
    device('cpufreq', minuteMs, () => readFrequencies(files, slowFiles)),
    device('hwmon', minuteMs, () => readHwmon(files, slowFiles)),
    device('thermal_zone', minuteMs, () => readThermal(files, slowFiles)),
    device('powersupplyclass', 5 * minuteMs, () => readPowerSupplies(files, slowFiles)),
    walk('processes', ({ pause }) => readProcesses(files, pause)),
    walk('tcpstat', ({ pause }) => readTcpStates(files, pause)),
  ]
}
