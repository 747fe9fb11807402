import type { Clock } from '../../../common/clock.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import { printAbout } from '../../../common/tuning/print-size.ts'

/** What a host is made of, for a person alone: nothing is decided by it. Null is not known. */
export interface Inventory {
  /** Such as `Dell Inc. PowerEdge R640`. */
  readonly system: string | null
  /** Such as `AMD EPYC 7313, 2 sockets, 32 cores, 64 threads`. */
  readonly processor: string | null
  /** Such as `8 x 32GB DDR4 at 3200MT/s with ECC`; needs root. */
  readonly modules: string | null
  readonly operatingSystem: string | null
}

const limitMs = 4_000

/**
 * Processor and memory by the library systeminformation, which asks the system's own programs (lscpu, and dmidecode where it may): less
 * than a second, at most four. What else it knows it asks for while everything waits, among it a name server; that is read here.
 */
export async function readInventory(
  files: KernelFiles,
  clock: Clock,
  signal: AbortSignal,
): Promise<Inventory> {
  const { cpu, memLayout } = await import('systeminformation')
  const timer = new AbortController()
  const late = clock.sleep(limitMs, AbortSignal.any([signal, timer.signal])).catch(() => undefined)
  const within = <T>(asked: Promise<T>): Promise<T | undefined> =>
    Promise.race([asked.catch(() => undefined), late.then(() => undefined)])
  try {
    const [processor, modules] = await Promise.all([within(cpu()), within(memLayout())])
    const sticks = (modules ?? []).filter(({ type, size }) => type !== '' && size > 0)
    const dmi = (name: string): string => files.value(`sys/class/dmi/id/${name}`) ?? ''
    const [, distribution = ''] = /^PRETTY_NAME="?(.*?)"?$/m.exec(files.value('etc/os-release') ?? '') ?? []
    const kernel = files.value('proc/sys/kernel/osrelease') ?? ''
    return {
      system: said(dmi('sys_vendor'), dmi('product_name')),
      processor:
        processor === undefined
          ? null
          : said(
              processor.manufacturer,
              `${processor.brand}, ${count(processor.processors, 'socket')}, ${count(processor.physicalCores, 'core')}, ${count(processor.cores, 'thread')}`,
            ),
      modules: sticks.length === 0 ? null : modulesText(sticks),
      operatingSystem: listed(distribution, kernel === '' ? '' : `kernel ${kernel}`),
    }
  } finally {
    timer.abort()
  }
}

function said(...words: readonly string[]): string | null {
  return joined(words, ' ')
}

function listed(...words: readonly string[]): string | null {
  return joined(words, ', ')
}

function joined(words: readonly string[], separator: string): string | null {
  const known = words.map((word) => word.trim()).filter((word) => word !== '' && word !== '-')
  return known.length === 0 ? null : known.join(separator)
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

/** Equal ones together. */
function modulesText(
  sticks: readonly {
    readonly size: number
    readonly type: string
    readonly clockSpeed: number | null
    readonly ecc?: boolean | null
  }[],
): string {
  const counts = new Map<string, number>()
  for (const { size, type, clockSpeed, ecc } of sticks) {
    const speed = (clockSpeed ?? 0) > 0 ? ` at ${clockSpeed}MT/s` : ''
    const text = `${printAbout(size)} ${type}${speed}${ecc === true ? ' with ECC' : ''}`
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([text, number]) => `${number} x ${text}`).join(', ')
}
