export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Of every cluster of the test bed: the roles are in the template that all are copied from. */
export const credentials = {
  superuser: { user: 'postgres', password: 'test-superuser' },
  replication: { user: 'replicator', password: 'test-replication' },
  rewind: { user: 'rewinder', password: 'test-rewind' },
  /** Owns the schema `app`, as programs that write do. */
  application: { user: 'app', password: 'test-app' },
  /** What an agent logs in as: pg_monitor. */
  monitor: { user: 'monitor', password: 'test-monitor' },
  /** For what changes something in Patroni's REST API; reading is open. */
  patroni: { user: 'patroni', password: 'test-patroni' },
} as const satisfies Readonly<Record<string, Credentials>>

/** The value of an Authorization header. */
export function basicAuthorization({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
