/** Boards and the address of each in Grafana, `/d/<uid>`. */
export const uids = {
  fleet: 'pgherd-fleet',
  cluster: 'pgherd-cluster',
  instance: 'pgherd-instance',
  database: 'pgherd-database',
  sessions: 'pgherd-sessions',
  queries: 'pgherd-queries',
  replication: 'pgherd-replication',
  wal: 'pgherd-wal',
  writes: 'pgherd-writes',
  vacuum: 'pgherd-vacuum',
  tables: 'pgherd-tables',
  pgbouncer: 'pgherd-pgbouncer',
  haproxy: 'pgherd-haproxy',
  node: 'pgherd-node',
  disk: 'pgherd-disk',
  backup: 'pgherd-backup',
  tuning: 'pgherd-tuning',
  alerts: 'pgherd-alerts',
  pgherd: 'pgherd-pgherd',
} as const

export type BoardName = keyof typeof uids
