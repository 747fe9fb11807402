import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, linesOf, plainTable } from './table.ts'

/** USER_HZ, which the kernel's interfaces have used on all architectures Node runs on (proc_stat(5)). */
const ticksPerSecond = 100

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
const guestModes = ['user', 'nice'] as const

/** Idle counters of the kernel may step back a little; more than this is a CPU that was taken out and came back. */
const jitterSeconds = 3

const counters: Readonly<Record<string, string>> = {
  intr: 'node_intr_total',
  ctxt: 'node_context_switches_total',
  btime: 'node_boot_time_seconds',
  processes: 'node_forks_total',
  procs_running: 'node_procs_running',
  procs_blocked: 'node_procs_blocked',
}

/** Reads /proc/stat, one text after the other; a counter never goes back by mere jitter. */
export function createStatParser(): (text: string) => readonly SampleTable[] {
  const latest = new Map<string, number>()
  const steady = (key: string, ticks: string | undefined): number | undefined => {
    if (ticks === undefined) return undefined
    const seconds = Number(ticks) / ticksPerSecond
    const before = latest.get(key) ?? 0
    const value = seconds < before && before - seconds < jitterSeconds ? before : seconds
    latest.set(key, value)
    return value
  }
  return (text) => {
    const cpus: SampleRow[] = []
    const guests: SampleRow[] = []
    const plain = new Map<string, number>()
    for (const line of linesOf(text)) {
      const [key, ...fields] = fieldsOf(line)
      const cpu = /^cpu(\d+)$/.exec(key!)?.[1]
      if (cpu !== undefined) {
        for (const [i, mode] of modes.entries()) {
          cpus.push({ labels: [cpu, mode], values: [steady(`${cpu} ${mode}`, fields[i])] })
        }
        for (const [i, mode] of guestModes.entries()) {
          const ticks = fields[modes.length + i]
          guests.push({ labels: [cpu, mode], values: [steady(`${cpu} guest ${mode}`, ticks)] })
        }
      }
      const metric = counters[key!]
      if (metric !== undefined) plain.set(metric, Number(fields[0]))
    }
    return [
      { metrics: ['node_cpu_seconds_total'], labelNames: ['cpu', 'mode'], rows: cpus },
      { metrics: ['node_cpu_guest_seconds_total'], labelNames: ['cpu', 'mode'], rows: guests },
      plainTable(plain),
    ]
  }
}
