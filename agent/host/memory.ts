import type { SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, namedTable, numberOf, plainTable } from './table.ts'

const meminfoLine = /^([^:\n]+):\s+(\d+)( kB)?$/gm

/** Metric names by the names of /proc/meminfo and units, so that they are made up once. */
const meminfoNames = new Map<string, string>()
const maxNames = 500

/** /proc/meminfo: each line becomes a metric; `Active(anon)` is spelled `Active_anon`. */
export function parseMeminfo(text: string): readonly SampleTable[] {
  const metrics: string[] = []
  const values: (number | undefined)[] = []
  for (const [, name, count, unit] of text.matchAll(meminfoLine)) {
    const inBytes = unit !== undefined
    const key = inBytes ? `${name!} kB` : name!
    let metric = meminfoNames.get(key)
    if (metric === undefined) {
      metric = `node_memory_${name!.replaceAll(/\((.*)\)/g, '_$1').replaceAll(/\W/g, '_')}${inBytes ? '_bytes' : ''}`
      if (meminfoNames.size < maxNames) meminfoNames.set(key, metric)
    }
    metrics.push(metric)
    values.push(Number(count) * (inBytes ? 1024 : 1))
  }
  return [namedTable(metrics, values)]
}

/** Paging, swapping, faults and kills, as node_exporter gives them, and where NUMA allocations went. */
const vmstatLine = /^((?:oom_kill|pgpg|pswp|pg\w*fault|numa_(?:hit|miss|foreign))\w*) (\d+)$/gm

/** /proc/vmstat: paging, swapping, faults, kills and allocations by NUMA node. */
export function parseVmstat(text: string): readonly SampleTable[] {
  const values = new Map<string, number | undefined>()
  for (const [, name, value] of text.matchAll(vmstatLine)) values.set(`node_vmstat_${name}`, numberOf(value))
  return [plainTable(values)]
}

const fileMetrics = ['node_filefd_allocated', 'node_filefd_maximum']

/** /proc/sys/fs/file-nr: open files of the machine and how many there may be. */
export function parseFileDescriptors(text: string): readonly SampleTable[] {
  const [allocated, , maximum] = fieldsOf(text)
  return [namedTable(fileMetrics, [numberOf(allocated), numberOf(maximum)])]
}
