import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'

const base = 'sys/class/nvme'

/** NVMe controllers: what they are and the state in which the kernel holds them. */
export function readNvme(files: KernelFiles): readonly SampleTable[] {
  const rows: SampleRow[] = []
  for (const device of files.list(base)) {
    const fact = (file: string): string => files.value(`${base}/${device}/${file}`) ?? ''
    const labels = [device, fact('firmware_rev'), fact('model'), fact('serial'), fact('state')]
    rows.push({ labels, values: [1] })
  }
  const labelNames = ['device', 'firmware_revision', 'model', 'serial', 'state']
  return [{ metrics: ['node_nvme_info'], labelNames, rows }]
}
