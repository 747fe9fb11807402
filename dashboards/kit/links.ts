import { uids } from './uids.ts'
import type { BoardName } from './uids.ts'

/** Where a click leads: a board, about what the clicked series or row is about. */
export interface DrillDown {
  readonly board: BoardName
  readonly title: string
  /** Labels of the series that become variables of the board by the same name. */
  readonly labels: readonly string[]
}

/** How Grafana names the labels of what was clicked (docs: Configure data links). */
export type Clicked = 'series' | 'row'

/** The address that keeps the time, the data source and what was clicked. Variables not named keep their values. */
export function drillDownUrl({ board, labels }: DrillDown, clicked: Clicked): string {
  const from = clicked === 'series' ? '__field.labels' : '__data.fields'
  const variables = [
    '${datasource:queryparam}',
    ...labels.map((label) => `var-${label}=\${${from}.${label}}`),
    '${__url_time_range}',
  ]
  return `/d/${uids[board]}?${variables.join('&')}`
}

export const toInstance: DrillDown = { board: 'instance', title: 'Show this server', labels: ['cls', 'ins'] }
export const toCluster: DrillDown = { board: 'cluster', title: 'Show this cluster', labels: ['cls'] }
export const toNode: DrillDown = { board: 'node', title: 'Show its machine', labels: ['cls', 'ins'] }
export const toDisk: DrillDown = { board: 'disk', title: 'Show its disks', labels: ['cls', 'ins'] }
export const toDatabase: DrillDown = {
  board: 'database',
  title: 'Show this database',
  labels: ['cls', 'ins', 'datname'],
}
export const toSessions: DrillDown = {
  board: 'sessions',
  title: 'Show its sessions and locks',
  labels: ['cls', 'ins'],
}
export const toReplication: DrillDown = {
  board: 'replication',
  title: 'Show its replication',
  labels: ['cls'],
}
export const toVacuum: DrillDown = { board: 'vacuum', title: 'Show its vacuum', labels: ['cls', 'ins'] }
export const toBackup: DrillDown = { board: 'backup', title: 'Show its backups', labels: ['cls'] }
export const toTables: DrillDown = {
  board: 'tables',
  title: 'Show its tables',
  labels: ['cls', 'ins', 'datname'],
}
export const toTable: DrillDown = {
  board: 'tables',
  title: 'Show this table',
  labels: ['cls', 'ins', 'datname', 'relname'],
}
export const toStatement: DrillDown = {
  board: 'queries',
  title: 'Show this statement',
  labels: ['cls', 'ins', 'datname', 'query'],
}
