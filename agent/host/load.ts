import type { SampleTable } from '../../common/series/sample-table.ts'
import type { KernelFiles } from '../../common/kernel/kernel-files.ts'
import { fieldsOf, namedTable, numberOf, plainTable } from './table.ts'

const loadMetrics = ['node_load1', 'node_load5', 'node_load15']

/** /proc/loadavg. */
export function parseLoad(text: string): readonly SampleTable[] {
  const [one, five, fifteen] = fieldsOf(text)
  return [namedTable(loadMetrics, [numberOf(one), numberOf(five), numberOf(fifteen)])]
}

const pressureLine = /^(some|full) .*\btotal=(\d+)$/gm

/**
 * /proc/pressure/{cpu,io,memory,irq}: time in which some tasks waited and in which all of them did. The latter
 * says nothing about the CPU as a whole.
 */
export function parsePressure(resource: string, text: string): readonly SampleTable[] {
  const values = new Map<string, number>()
  for (const [, share, total] of text.matchAll(pressureLine)) {
    if (resource === 'cpu' && share === 'full') continue
    const state = share === 'some' ? 'waiting' : 'stalled'
    values.set(`node_pressure_${resource}_${state}_seconds_total`, Number(total) / 1e6)
  }
  return [plainTable(values)]
}

const pressureResources = ['cpu', 'io', 'memory', 'irq']

/** All of /proc/pressure that this kernel has; it may be compiled out or switched off at boot. */
export function readPressure(files: KernelFiles): readonly SampleTable[] {
  return pressureResources.flatMap((resource) => {
    const text = files.readIfThere(`proc/pressure/${resource}`)
    return text === undefined ? [] : parsePressure(resource, text)
  })
}
