import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import type { SlowFiles } from './slow-files.ts'
import { numberOf } from './table.ts'

const base = 'sys/class/power_supply'

/** Power supplies that tell whether they have current: mains, and the uninterruptible ones that the kernel knows. */
export async function readPowerSupplies(
  files: KernelFiles,
  slow: SlowFiles,
): Promise<readonly SampleTable[]> {
  const rows: SampleRow[] = []
  for (const supply of files.list(base)) {
    const online = numberOf(await slow.value(`${base}/${supply}/online`))
    if (online !== undefined) rows.push({ labels: [supply], values: [online] })
  }
  return [{ metrics: ['node_power_supply_online'], labelNames: ['power_supply'], rows }]
}
