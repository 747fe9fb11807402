import type { SampleRow, SampleTable } from '../../common/series/sample-table.ts'
import { linesOf, numberOf } from './table.ts'

const metrics = ['node_md_blocks', 'node_md_blocks_synced', 'node_md_disks_required']
const diskStates = ['active', 'failed', 'spare'] as const
const arrayStates = ['active', 'inactive', 'recovering', 'resync', 'check'] as const

/** What a line of progress is called in the kernel and in node_exporter. */
const activities: Readonly<Record<string, (typeof arrayStates)[number]>> = {
  recovery: 'recovering',
  reshape: 'recovering',
  resync: 'resync',
  check: 'check',
}

/** /proc/mdstat (md(4)): software RAID by array, in blocks of 1 KiB. */
export function parseMdstat(text: string): readonly SampleTable[] {
  const arrays: SampleRow[] = []
  const disks: SampleRow[] = []
  const states: SampleRow[] = []
  for (const section of text.split(/^(?=\S+ : )/m)) {
    const [head, ...details] = linesOf(section)
    const [, device, activity, members] =
      /^(\S+) : (active|inactive)(?: \([\w-]+\))? ?(.*)$/.exec(head ?? '') ?? []
    if (device === undefined || members === undefined) continue
    const body = details.join('\n')
    const blocks = numberOf(/^\s+(\d+) blocks/m.exec(body)?.[1])
    const failed = members.match(/\[\d+\]\S*\(F\)/g)?.length ?? 0
    const spare = members.match(/\[\d+\]\S*\(S\)/g)?.length ?? 0
    const total = members.match(/\[\d+\]/g)?.length ?? 0
    // RAID 0 and linear have no count of required disks: they need each one.
    const [, required, working] = /\[(\d+)\/(\d+)\]/.exec(body) ?? [
      undefined,
      String(total),
      String(total - failed - spare),
    ]
    const [, doing, delayed, done] =
      /^\s+(?:\[[=>.]+\]\s+)?(recovery|reshape|resync|check) ?= ?(?:(DELAYED|PENDING)|.*?\((\d+)\/\d+\))/m.exec(
        body,
      ) ?? []
    const state = doing === undefined ? activity : activities[doing]
    const synced = doing === undefined ? blocks : delayed === undefined ? numberOf(done) : 0
    const inactive = activity === 'inactive'
    arrays.push({ labels: [device], values: [blocks, synced, inactive ? 0 : numberOf(required)] })
    const counts = [inactive ? 0 : numberOf(working), failed, spare]
    disks.push(...diskStates.map((name, i) => ({ labels: [device, name], values: [counts[i]] })))
    states.push(...arrayStates.map((name) => ({ labels: [device, name], values: [name === state ? 1 : 0] })))
  }
  return [
    { metrics, labelNames: ['device'], rows: arrays },
    { metrics: ['node_md_disks'], labelNames: ['device', 'state'], rows: disks },
    { metrics: ['node_md_state'], labelNames: ['device', 'state'], rows: states },
  ]
}
