import { DashboardLinkBuilder, DashboardLinkType } from '@grafana/grafana-foundation-sdk/dashboard'
import type { BoardName } from '../kit/uids.ts'
import { uids } from '../kit/uids.ts'

const titles: Readonly<Record<BoardName, string>> = {
  fleet: 'Fleet',
  cluster: 'Cluster',
  instance: 'Instance',
  database: 'Database',
  sessions: 'Sessions and locks',
  queries: 'Queries',
  replication: 'Replication and HA',
  wal: 'WAL and checkpoints',
  writes: 'Write load',
  vacuum: 'Vacuum and bloat',
  tables: 'Tables and indexes',
  pgbouncer: 'pgBouncer',
  haproxy: 'HAProxy',
  node: 'Node',
  disk: 'Disk',
  backup: 'Backup',
  tuning: 'Tuning',
  alerts: 'Alerts',
  pgherd: 'pgherd itself',
}

/** Links to boards that lie next to one, and a menu with all of them; all keep the time and the variables. */
export function boardLinks(related: readonly BoardName[]): DashboardLinkBuilder[] {
  const link = (title: string, type: DashboardLinkType): DashboardLinkBuilder =>
    new DashboardLinkBuilder(title).type(type).keepTime(true).includeVars(true)
  return [
    ...related.map((name) => link(titles[name], DashboardLinkType.Link).url(`/d/${uids[name]}`)),
    link('All boards', DashboardLinkType.Dashboards).tags(['pgherd']).asDropdown(true),
  ]
}
