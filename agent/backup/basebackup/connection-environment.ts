import { passwordIfAny, replicationDatabases } from '../../postgres/password-of.ts'
import { readService } from '../../postgres/service-file.ts'
import { parseTarget } from '../../postgres/target.ts'
import type { ServerWay } from './options.ts'

const tlsVariables = {
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
} as const

/**
 * The way to the server for programs of PostgreSQL, in variables: only their own user and root see those, and everybody sees a
 * command line. Without sslmode there is no TLS, as in the agent's own connections.
 * @see https://www.postgresql.org/docs/current/libpq-envars.html
 * @throws PgherdError CONFIG_INVALID, or POSTGRES_UNAVAILABLE for a password file that cannot be read
 */
export async function connectionEnvironment(way: ServerWay): Promise<Readonly<Record<string, string>>> {
  const target = parseTarget(way.url, way.serviceFile)
  const password = await passwordIfAny(target, way, replicationDatabases(target))
  const given = new URL(way.url).searchParams
  const service = given.get('service')
  const ofService =
    service === null || way.serviceFile === undefined
      ? new Map<string, string>()
      : readService(way.serviceFile, service)
  const tls = Object.entries(tlsVariables).flatMap(([name, variable]): [string, string][] => {
    const value = given.get(name) ?? ofService.get(name) ?? (name === 'sslmode' ? 'disable' : undefined)
    return value === undefined ? [] : [[variable, value]]
  })
  return {
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGAPPNAME: 'pgherd backup',
    // It would look into the home of whose process this is. Of a file that is there and no plain one it would complain.
    PGPASSFILE: '/nonexistent/.pgpass',
    PGCONNECT_TIMEOUT: '10',
    ...(password === undefined ? {} : { PGPASSWORD: password }),
    ...Object.fromEntries(tls),
  }
}
