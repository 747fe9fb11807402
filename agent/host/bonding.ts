import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'

const metrics = ['node_bonding_slaves', 'node_bonding_active']
const labelNames = ['master']

/**
 * Bonds with their links and how many of these are up, from /proc/net/bonding: the same facts in /sys wait behind
 * the lock of all network configuration.
 */
export function readBonding(files: KernelFiles): readonly SampleTable[] {
  const rows: SampleRow[] = []
  for (const master of files.list('proc/net/bonding')) {
    const sections = (files.value(`proc/net/bonding/${master}`) ?? '').split(/^Slave Interface: /m).slice(1)
    const active = sections.filter((section) => /^MII Status: up$/m.test(section)).length
    rows.push({ labels: [master], values: [sections.length, active] })
  }
  return [{ metrics, labelNames, rows }]
}
