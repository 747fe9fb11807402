import type { Inventory } from './inventory.ts'
import { clusterPattern } from './member.ts'
import type { PigstyMember } from './member.ts'
import type { Question } from './question.ts'

const roles = ['primary', 'replica', 'standby', 'offline', 'delayed']

/** What is odd about the clusters of an inventory: their members, roles, numbers, ports and whom they refer to. */
export function judgeClusters(inventory: Inventory, members: readonly PigstyMember[]): readonly Question[] {
  const hosts = new Set(inventory.hosts.map(({ name }) => name))
  const clusters = Map.groupBy(members, ({ cluster }) => cluster)
  const adminIp = inventory.global['admin_ip']
  return [
    ...inventory.hosts.flatMap(judgeIdentity),
    ...[...clusters].flatMap(([cluster, ofCluster]) => judgeMembers(cluster, ofCluster)),
    ...members.flatMap((member) => judgePorts(member)),
    ...members.flatMap(({ node, upstream }) =>
      upstream === undefined || hosts.has(upstream)
        ? []
        : [{ where: node, what: `pg_upstream is ${upstream}, which is no host of the inventory` }],
    ),
    ...(typeof adminIp === 'string' && !adminIp.includes('{') && !hosts.has(adminIp)
      ? [{ where: 'inventory', what: `admin_ip is ${adminIp}, which is no host of the inventory` }]
      : []),
  ]
}

function judgeIdentity({ name, variables }: Inventory['hosts'][number]): readonly Question[] {
  const { pg_cluster: cluster, pg_seq: seq } = variables
  const called = typeof cluster === 'string' ? cluster : ''
  if (cluster === undefined && seq === undefined) return []
  if (cluster === undefined) return [{ where: name, what: 'pg_seq without pg_cluster' }]
  if (seq === undefined) return [{ where: name, what: `member of ${called} without pg_seq` }]
  const problem = !clusterPattern.test(called) || cluster === 'root'
  return problem
    ? [{ where: name, what: 'pg_cluster is no name of letters, digits and dashes, or is root' }]
    : []
}

function judgeMembers(cluster: string, members: readonly PigstyMember[]): readonly Question[] {
  const twins = [...Map.groupBy(members, ({ seq }) => seq)].filter(([, ones]) => ones.length > 1)
  const kinds = new Set(members.map(({ kind }) => kind))
  const say = (what: string): Question => ({ where: cluster, what })
  const questions = [
    ...twins.map(([seq, ones]) =>
      say(`number ${seq} is given to ${ones.map(({ host }) => host).join(' and ')}`),
    ),
    ...(kinds.size > 1 ? [say(`is the name of ${[...kinds].join(' and ')}`)] : []),
  ]
  const ofPostgres = members.filter(({ kind }) => kind === 'postgres')
  if (ofPostgres.length === 0) return questions
  const primaries = ofPostgres.filter(({ role }) => role === 'primary').map(({ host }) => host)
  const ports = new Set(ofPostgres.map(({ postgresPort }) => postgresPort))
  return [
    ...questions,
    ...(primaries.length === 1
      ? []
      : [
          say(
            primaries.length === 0
              ? 'has no primary'
              : `has ${primaries.length} primaries: ${primaries.join(', ')}`,
          ),
        ]),
    ...ofPostgres
      .filter(({ role }) => !roles.includes(role ?? ''))
      .map(({ node, role }) => ({
        where: node,
        what: `pg_role is ${role ?? ''}; known are ${roles.join(', ')}`,
      })),
    ...(ports.size > 1 ? [say(`its members have different ports: ${[...ports].join(', ')}`)] : []),
  ]
}

function judgePorts(member: PigstyMember): readonly Question[] {
  const { node, postgresPort, pgbouncer, patroni, haproxy, kind } = member
  const used = [
    ...(kind === 'postgres' ? [['pg_port', postgresPort] as const] : []),
    ['pgbouncer_port', pgbouncer] as const,
    ['patroni_port', patroni?.port] as const,
    ['haproxy_exporter_port', haproxy] as const,
  ].flatMap(([name, port]) => (port === undefined ? [] : [{ name, port }]))
  return [
    ...used
      .filter(({ port }) => port < 1024 || port > 65_535)
      .map(({ name, port }) => ({ where: node, what: `${name} is ${port}; usual are 1024 to 65535` })),
    ...[...Map.groupBy(used, ({ port }) => port)]
      .filter(([, ones]) => ones.length > 1)
      .map(([port, ones]) => ({
        where: node,
        what: `${ones.map(({ name }) => name).join(' and ')} are both ${port}`,
      })),
  ]
}
