import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { numberOf } from './table.ts'

const metrics = ['node_edac_correctable_errors_total', 'node_edac_uncorrectable_errors_total']
const rowMetrics = ['node_edac_csrow_correctable_errors_total', 'node_edac_csrow_uncorrectable_errors_total']

/** Memory errors by controller and chip select row (admin-guide/ras.rst); `unknown` where no row was told. */
export function readEdac(files: KernelFiles): readonly SampleTable[] {
  const base = 'sys/devices/system/edac/mc'
  const counts = (at: string, kind = ''): readonly (number | undefined)[] => [
    numberOf(files.value(`${at}/ce_${kind}count`)),
    numberOf(files.value(`${at}/ue_${kind}count`)),
  ]
  const rows: SampleRow[] = []
  const csrows: SampleRow[] = []
  for (const name of files.list(base)) {
    const controller = /^mc(\d+)$/.exec(name)?.[1]
    if (controller === undefined) continue
    const at = `${base}/${name}`
    rows.push({ labels: [controller], values: counts(at) })
    csrows.push({ labels: [controller, 'unknown'], values: counts(at, 'noinfo_') })
    for (const entry of files.list(at)) {
      const csrow = /^csrow(\d+)$/.exec(entry)?.[1]
      if (csrow !== undefined) csrows.push({ labels: [controller, csrow], values: counts(`${at}/${entry}`) })
    }
  }
  return [
    { metrics, labelNames: ['controller'], rows },
    { metrics: rowMetrics, labelNames: ['controller', 'csrow'], rows: csrows },
  ]
}
