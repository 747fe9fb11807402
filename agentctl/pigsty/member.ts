import { isIP } from 'node:net'
import type { InventoryHost } from './inventory.ts'
import { readVariables } from './read-variable.ts'
import { readRepository } from './repository.ts'
import type { PigstyRepository } from './repository.ts'

/** What makes a host a member of something with a number: where it has several, the first of these is who it is. */
export const memberKinds = ['postgres', 'etcd', 'minio', 'infra'] as const
export type MemberKind = (typeof memberKinds)[number]

/** A host as the fleet is to know it. */
export interface PigstyMember {
  readonly host: string
  /** undefined where the inventory gives a name and no address for it. */
  readonly address: string | undefined
  readonly kind: MemberKind
  readonly cluster: string
  readonly seq: number
  /** `<cluster>-<seq>` */
  readonly node: string
  /** Of PostgreSQL, as it was set up; undefined for other kinds. */
  readonly role: string | undefined
  /** What it follows in place of the primary; for a primary, of another cluster. */
  readonly upstream: string | undefined
  readonly postgresPort: number
  readonly monitorUser: string
  /** Ports; undefined where it does not run. */
  readonly pgbouncer: number | undefined
  readonly patroni: { readonly port: number; readonly tls: boolean } | undefined
  readonly haproxy: number | undefined
  readonly hasEtcd: boolean
  /** Addresses that move between hosts. */
  readonly vips: readonly string[]
  readonly hasKeepalived: boolean
  readonly repository: PigstyRepository | undefined
  /** Names of roles and databases that it declares. */
  readonly users: readonly string[]
  readonly databases: readonly string[]
}

/** @param note as that of `readVariables` @returns undefined for a host that is no numbered member of anything */
export function readMember(
  host: InventoryHost,
  note: (variable: string, why: string) => void,
): PigstyMember | undefined {
  const read = readVariables(host.variables, note)
  const identity = identityOf(host, read)
  if (identity === undefined) return undefined
  const { kind, cluster, seq } = identity
  const isPostgres = kind === 'postgres'
  const address = read.text('ansible_host') ?? host.name
  const vip = (name: string): readonly string[] => {
    const [ip = ''] = (read.text(name) ?? '').split('/')
    return isIP(ip) === 0 ? [] : [ip]
  }
  const hasKeepalived = read.flag('vip_enabled', false)
  return {
    ...identity,
    host: host.name,
    node: `${cluster}-${seq}`,
    address: isIP(address) === 0 ? undefined : address,
    role: isPostgres ? (read.text('pg_role') ?? 'replica') : undefined,
    upstream: isPostgres ? read.text('pg_upstream') : undefined,
    postgresPort: read.whole('pg_port') ?? 5432,
    monitorUser: read.text('pg_monitor_username') ?? 'dbuser_monitor',
    pgbouncer:
      isPostgres && read.flag('pgbouncer_enabled', true) ? (read.whole('pgbouncer_port') ?? 6432) : undefined,
    patroni:
      isPostgres && read.flag('patroni_enabled', true)
        ? { port: read.whole('patroni_port') ?? 8008, tls: read.flag('patroni_ssl_enabled', false) }
        : undefined,
    haproxy: read.flag('haproxy_enabled', true) ? (read.whole('haproxy_exporter_port') ?? 9101) : undefined,
    hasEtcd: read.whole('etcd_seq') !== undefined,
    hasKeepalived,
    vips: [
      ...(isPostgres && read.flag('pg_vip_enabled', false) ? vip('pg_vip_address') : []),
      ...(hasKeepalived ? vip('vip_address') : []),
    ],
    repository: isPostgres ? readRepository(host.variables, note) : undefined,
    users: namesIn(isPostgres ? read.maps('pg_users') : []),
    databases: namesIn(isPostgres ? read.maps('pg_databases') : []),
  }
}

/** As whom each kind of a member knows itself: names of its variables, and its cluster where the inventory names none. */
const identities: Readonly<Record<MemberKind, { readonly prefix: string; readonly usual?: string }>> = {
  postgres: { prefix: 'pg' },
  etcd: { prefix: 'etcd', usual: 'etcd' },
  minio: { prefix: 'minio', usual: 'minio' },
  infra: { prefix: 'infra', usual: 'infra' },
}

function identityOf(
  host: InventoryHost,
  read: ReturnType<typeof readVariables>,
): { readonly kind: MemberKind; readonly cluster: string; readonly seq: number } | undefined {
  for (const kind of memberKinds) {
    const { prefix, usual } = identities[kind]
    if (host.variables[`${prefix}_seq`] === undefined) continue
    const seq = read.whole(`${prefix}_seq`)
    const cluster = read.text(`${prefix}_cluster`) ?? usual
    if (seq !== undefined && cluster !== undefined && clusterPattern.test(cluster))
      return { kind, cluster, seq }
  }
  return undefined
}

/** As an agent takes it. */
export const clusterPattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/

function namesIn(maps: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return maps.flatMap(({ name }) => (typeof name === 'string' ? [name] : []))
}
