import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { cpusOf } from './cpu-heat.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import type { SlowFiles } from './slow-files.ts'
import { numberOf, scaled } from './table.ts'

/** Limits, which the kernel has in memory (admin-guide/pm/cpufreq.rst), in kHz. */
const limits: readonly (readonly [file: string, metric: string])[] = [
  ['cpuinfo_min_freq', 'node_cpu_frequency_min_hertz'],
  ['cpuinfo_max_freq', 'node_cpu_frequency_max_hertz'],
  ['scaling_min_freq', 'node_cpu_scaling_frequency_min_hertz'],
  ['scaling_max_freq', 'node_cpu_scaling_frequency_max_hertz'],
]

/** Current ones: the CPU itself may have to be woken and watched for 10 ms. The first can be read by root only. */
const current: readonly (readonly [file: string, metric: string])[] = [
  ['cpuinfo_cur_freq', 'node_cpu_frequency_hertz'],
  ['scaling_cur_freq', 'node_cpu_scaling_frequency_hertz'],
]

const metrics = [...limits, ...current].map(([, metric]) => metric)

/** Clock frequencies by CPU; none where they do not change, as in most virtual machines. */
export async function readFrequencies(files: KernelFiles, slow: SlowFiles): Promise<readonly SampleTable[]> {
  const rows: SampleRow[] = []
  for (const cpu of cpusOf(files)) {
    const at = `sys/devices/system/cpu/cpu${cpu}/cpufreq`
    const names = files.list(at)
    if (names.length === 0) continue
    const values = limits.map(([file]) => scaled(numberOf(files.value(`${at}/${file}`)), 1000))
    for (const [file] of current) {
      values.push(
        names.includes(file) ? scaled(numberOf(await slow.value(`${at}/${file}`)), 1000) : undefined,
      )
    }
    rows.push({ labels: [cpu], values })
  }
  return [{ metrics, labelNames: ['cpu'], rows }]
}
