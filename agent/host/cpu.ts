import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { createLabelCache } from './labels.ts'
import { namedTable, numberOf, scaled } from './table.ts'

/** USER_HZ, which the kernel's interfaces have used on all architectures Node runs on (proc_stat(5)). */
const ticksPerSecond = 100

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
const guestModes = ['user', 'nice'] as const

/** Idle counters of the kernel may step back a little; more than this is a CPU that was taken out and came back. */
const jitterSeconds = 3

const counters = ['intr', 'ctxt', 'btime', 'processes', 'procs_running', 'procs_blocked']
const counterMetrics = [
  'node_intr_total',
  'node_context_switches_total',
  'node_boot_time_seconds',
  'node_forks_total',
  'node_procs_running',
  'node_procs_blocked',
]
const cpuMetrics = ['node_cpu_seconds_total']
const guestMetrics = ['node_cpu_guest_seconds_total']
const labelNames = ['cpu', 'mode']

/** Reads /proc/stat, one text after the other; a counter never goes back by mere jitter. */
export function createStatParser(): (text: string) => readonly SampleTable[] {
  const latest = new WeakMap<readonly string[], number>()
  const labels = createLabelCache()
  const guestLabels = createLabelCache()
  const steady = (of: readonly string[], ticks: string | undefined): number | undefined => {
    const seconds = scaled(numberOf(ticks), 1 / ticksPerSecond)
    if (seconds === undefined) return undefined
    const before = latest.get(of) ?? 0
    const value = seconds < before && before - seconds < jitterSeconds ? before : seconds
    latest.set(of, value)
    return value
  }
  return (text) => {
    const cpus: SampleRow[] = []
    const guests: SampleRow[] = []
    const plain: (number | undefined)[] = counters.map(() => undefined)
    for (const line of text.split('\n')) {
      // The line of interrupts is by far the longest: only its head is looked at.
      const blank = line.indexOf(' ')
      const key = line.slice(0, blank)
      const counter = counters.indexOf(key)
      if (counter >= 0) {
        const end = line.indexOf(' ', blank + 1)
        plain[counter] = numberOf(end < 0 ? line.slice(blank + 1) : line.slice(blank + 1, end))
      } else if (/^cpu\d+$/.test(key)) {
        const fields = line.split(' ')
        const cpu = key.slice(3)
        for (const [i, mode] of modes.entries()) {
          const of = labels.of(cpu, mode)
          cpus.push({ labels: of, values: [steady(of, fields[i + 1])] })
        }
        for (const [i, mode] of guestModes.entries()) {
          const of = guestLabels.of(cpu, mode)
          guests.push({ labels: of, values: [steady(of, fields[modes.length + i + 1])] })
        }
      }
    }
    labels.turn()
    guestLabels.turn()
    return [
      { metrics: cpuMetrics, labelNames, rows: cpus },
      { metrics: guestMetrics, labelNames, rows: guests },
      namedTable(counterMetrics, plain),
    ]
  }
}
