import { stringify } from 'yaml'
import type { PigstyMember } from './member.ts'

/** Where Pigsty keeps etcd's certificates on a host. */
const etcdCertificates = {
  ca_file: '/etc/etcd/ca.crt',
  cert_file: '/etc/etcd/server.crt',
  key_file: '/etc/etcd/server.key',
}

/**
 * The configuration of a host's agent, as a file: who it is, its server, pooler and neighbours. It has no password: that of the
 * monitoring role is in a file of the host.
 * @param collector the URL at which agents reach it
 */
export function agentFile(
  member: PigstyMember,
  about: { readonly collector: string; readonly inventory: string },
): string {
  const { cluster, seq, address, monitorUser, pgbouncer, kind, postgresPort } = member
  const isPostgres = kind === 'postgres'
  const login = (port: number, database: string): string =>
    `postgres://${encodeURIComponent(monitorUser)}@127.0.0.1:${port}/${database}`
  const content = {
    identity: { cluster, seq, ...(address === undefined ? {} : { ip: address }) },
    postgres: isPostgres
      ? { url: login(postgresPort, 'postgres'), password_file: '/etc/pgherd/password' }
      : { enabled: false },
    ...(pgbouncer === undefined ? {} : { poolers: [{ url: login(pgbouncer, 'pgbouncer') }] }),
    neighbours: neighboursOf(member),
    collector: { url: about.collector },
  }
  const password = isPostgres
    ? `# /etc/pgherd/password is to have the password of ${monitorUser} in its first line, readable by the agent alone.\n`
    : ''
  return `# ${member.node} on ${member.host}, from ${about.inventory}. It goes to /etc/pgherd/agent.yaml.\n${password}${stringify(content)}`
}

function neighboursOf(member: PigstyMember): readonly Readonly<Record<string, unknown>>[] {
  const { patroni, haproxy, hasEtcd, hasKeepalived, vips, repository } = member
  return [
    ...(patroni === undefined
      ? []
      : [{ kind: 'patroni', url: `${patroni.tls ? 'https' : 'http'}://127.0.0.1:${patroni.port}/metrics` }]),
    ...(haproxy === undefined ? [] : [{ kind: 'haproxy', url: `http://127.0.0.1:${haproxy}/metrics` }]),
    ...(hasEtcd
      ? [{ kind: 'etcd', url: `https://${member.address ?? '127.0.0.1'}:2379/metrics`, ...etcdCertificates }]
      : []),
    ...(repository === undefined ? [] : [{ kind: 'pgbackrest', stanza: member.cluster }]),
    ...(vips.length === 0 ? [] : [{ kind: hasKeepalived ? 'keepalived' : 'vip', addresses: [...vips] }]),
  ]
}
