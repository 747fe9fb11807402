import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { numberOf } from './table.ts'

const base = 'sys/class/powercap'

/**
 * Energy by power zone (power/powercap/powercap.rst): `package-0` becomes node_rapl_package_joules_total with index 0.
 * Since Linux 5.10 only root may read it; then there is none.
 */
export function readRapl(files: KernelFiles): readonly SampleTable[] {
  const rows = new Map<string, SampleRow[]>()
  for (const zone of files.list(base)) {
    if (!/^intel-rapl:/.test(zone)) continue
    const name = files.value(`${base}/${zone}/name`)
    const microjoules = numberOf(files.value(`${base}/${zone}/energy_uj`))
    if (name === undefined || microjoules === undefined) continue
    const [, kind, number] = /^(.*?)(?:-(\d+))?$/.exec(name)!
    // The zones of a package carry no number of their own: they get that of their place.
    const index = number ?? /^intel-rapl:(\d+)/.exec(zone)?.[1] ?? '0'
    const metric = `node_rapl_${kind!.replaceAll(/\W/g, '_')}_joules_total`
    const path = `/${base}/${zone}`
    rows.set(metric, [...(rows.get(metric) ?? []), { labels: [index, path], values: [microjoules / 1e6] }])
  }
  return [...rows].map(([metric, of]) => ({ metrics: [metric], labelNames: ['index', 'path'], rows: of }))
}
