import type { SampleTable } from '../../common/series/sample-table.ts'
import { fieldsOf, linesOf, plainTable } from './table.ts'

/** /proc/loadavg. */
export function parseLoad(text: string): readonly SampleTable[] {
  const [one, five, fifteen] = fieldsOf(text).map(Number)
  return [
    plainTable(
      new Map([
        ['node_load1', one!],
        ['node_load5', five!],
        ['node_load15', fifteen!],
      ]),
    ),
  ]
}

/**
 * /proc/pressure/{cpu,io,memory,irq}: time in which some tasks waited and in which all of them did. The latter
 * says nothing about the CPU as a whole.
 */
export function parsePressure(resource: string, text: string): readonly SampleTable[] {
  const values = new Map<string, number>()
  for (const line of linesOf(text)) {
    const match = /^(some|full) .*\btotal=(\d+)$/.exec(line)
    if (match === null || (resource === 'cpu' && match[1] === 'full')) continue
    const state = match[1] === 'some' ? 'waiting' : 'stalled'
    values.set(`node_pressure_${resource}_${state}_seconds_total`, Number(match[2]) / 1e6)
  }
  return [plainTable(values)]
}
