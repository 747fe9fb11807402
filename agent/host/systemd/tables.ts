import type { SampleTable } from '../../../common/series/sample-table.ts'
import type { KnownUnit } from './unit-properties.ts'

/** The states that node_exporter has rows for, each 0 or 1. */
const unitStates = ['active', 'activating', 'deactivating', 'inactive', 'failed'] as const

/** What systemd says of itself; undefined where it did not say. */
export interface ManagerFacts {
  readonly version: string | undefined
  readonly systemState: string | undefined
  readonly counts: ReadonlyMap<string, number> | undefined
}

/** Names, labels and values as node_exporter's systemd collector has them. */
export function systemdTables(units: readonly KnownUnit[], manager: ManagerFacts): readonly SampleTable[] {
  const tables: SampleTable[] = [
    {
      metrics: ['node_systemd_unit_state'],
      labelNames: ['name', 'state', 'type'],
      rows: units.flatMap(({ unit, type }) =>
        unitStates.map((state) => ({
          labels: [unit.name, state, type],
          values: [unit.activeState === state ? 1 : 0],
        })),
      ),
    },
    {
      metrics: ['node_systemd_unit_start_time_seconds', 'node_systemd_service_restart_total'],
      labelNames: ['name'],
      rows: units.map(({ unit, startTimeSeconds, restarts }) => ({
        labels: [unit.name],
        values: [startTimeSeconds, restarts],
      })),
    },
  ]
  const { version, systemState, counts } = manager
  if (counts !== undefined) {
    const states = new Map<string, number>(unitStates.map((state) => [state, 0]))
    for (const [state, count] of counts) states.set(state, count)
    tables.push({
      metrics: ['node_systemd_units'],
      labelNames: ['state'],
      rows: [...states].map(([state, count]) => ({ labels: [state], values: [count] })),
    })
  }
  if (systemState !== undefined) {
    tables.push({
      metrics: ['node_systemd_system_running'],
      labelNames: [],
      rows: [{ labels: [], values: [systemState === 'running' ? 1 : 0] }],
    })
  }
  const number = /\d{3,}(?:\.\d+)?/.exec(version ?? '')
  if (version !== undefined && number !== null) {
    tables.push({
      metrics: ['node_systemd_version'],
      labelNames: ['version'],
      rows: [{ labels: [version], values: [Number(number[0])] }],
    })
  }
  return tables
}
