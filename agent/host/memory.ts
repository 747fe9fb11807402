import type { SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, linesOf, plainTable } from './table.ts'

/** /proc/meminfo: each line becomes a metric; `Active(anon)` is spelled `Active_anon`. */
export function parseMeminfo(text: string): readonly SampleTable[] {
  const values = new Map<string, number>()
  for (const line of linesOf(text)) {
    const match = /^([^:]+):\s+(\d+)(?: (kB))?$/.exec(line)
    if (match === null) continue
    const name = match[1]!.replaceAll(/\((.*)\)/g, '_$1')
    const bytes = match[3] === 'kB'
    values.set(`node_memory_${name}${bytes ? '_bytes' : ''}`, Number(match[2]) * (bytes ? 1024 : 1))
  }
  return [plainTable(values)]
}

const vmstatFields = /^(oom_kill|pgpg|pswp|pg.*fault)/

/** /proc/vmstat: paging, swapping, faults and kills. */
export function parseVmstat(text: string): readonly SampleTable[] {
  const values = new Map<string, number>()
  for (const line of linesOf(text)) {
    const [name, value] = fieldsOf(line)
    if (vmstatFields.test(name!)) values.set(`node_vmstat_${name}`, Number(value))
  }
  return [plainTable(values)]
}

/** /proc/sys/fs/file-nr: open files of the machine and how many there may be. */
export function parseFileDescriptors(text: string): readonly SampleTable[] {
  const [allocated, , maximum] = fieldsOf(text)
  return [
    plainTable(
      new Map([
        ['node_filefd_allocated', Number(allocated)],
        ['node_filefd_maximum', Number(maximum)],
      ]),
    ),
  ]
}
