import { PgherdError } from '../../../common/errors.ts'
import type { PatroniClient } from './client.ts'
import { clusterDocument, configDocument, nodeDocument } from './documents.ts'
import type { MemberNow, NodeNow, SettingsNow } from './documents.ts'
import { leaderOf, originOf } from './members.ts'
import { askStore } from './store.ts'
import type { EtcdAccess } from './store.ts'

/** A cluster as its Patroni has it at one moment. */
export interface Situation {
  readonly scope: string
  /** The member beside this agent; undefined where a Patroni before 3.1 leaves it open. */
  readonly own: MemberNow | undefined
  readonly ownNode: NodeNow
  /** undefined while nobody holds the leader's key. */
  readonly leader: MemberNow | undefined
  readonly members: readonly MemberNow[]
  /** What the members themselves said, by name; undefined for one that did not answer. */
  readonly nodes: ReadonlyMap<string, NodeNow | undefined>
  readonly isPaused: boolean
  readonly scheduled: string | undefined
  /** Why Patroni cannot write into etcd; empty where nothing says so. */
  readonly storeProblems: readonly string[]
  readonly settings: SettingsNow
}

/**
 * Asks the local Patroni for its cluster, every member for itself, and etcd for its quorum.
 * @throws PgherdError when the local Patroni does not tell
 */
export async function readSituation(
  patroni: PatroniClient,
  etcd: readonly EtcdAccess[] = [],
): Promise<Situation> {
  const asking = askStore(etcd)
  const ownNode = nodeDocument.parse(await patroni.get('/patroni'))
  const [cluster, settings] = await Promise.all([
    patroni.get('/cluster').then((body) => clusterDocument.parse(body)),
    patroni.get('/config').then((body) => configDocument.parse(body)),
  ]).catch(async (error: unknown) => {
    throw withoutStore(error, await asking)
  })
  const { members } = cluster
  const nodes = new Map(
    await Promise.all(
      members.map(async (member) => [member.name, await askMember(patroni, member)] as const),
    ),
  )
  const { scope } = ownNode.patroni
  const name = ownNode.patroni.name ?? patroni.name
  const own =
    name === undefined
      ? (members.find(({ api_url: url }) => originOf(url) === patroni.origin) ??
        ownByStart(members, nodes, ownNode))
      : members.find((member) => member.name === name)
  const { scheduled_switchover: scheduled } = cluster
  return {
    scope: scope ?? cluster.scope ?? 'the cluster',
    own,
    ownNode,
    leader: leaderOf(members),
    members,
    nodes,
    isPaused: cluster.pause || ownNode.pause,
    scheduled:
      scheduled == null
        ? undefined
        : `from ${scheduled.from ?? 'the leader'} to ${scheduled.to ?? 'any member'} at ${scheduled.at ?? 'an unknown time'}`,
    storeProblems: await asking,
    settings,
  }
}

/** Where Patroni speaks version 3 of etcd's API it does not tell its cluster without a quorum. */
function withoutStore(error: unknown, problems: readonly string[]): unknown {
  if (!(error instanceof PgherdError) || problems.length === 0) return error
  const message = `Patroni answers, but not of its cluster (${error.message}): ${problems.join('; ')}. Nothing was done.`
  return new PgherdError('REFUSED', message, { cause: error })
}

/** @throws PgherdError NOT_FOUND where nobody can tell which member is meant */
export function ownMember({ own, members, scope }: Situation): MemberNow {
  if (own !== undefined) return own
  const names = members.map(({ name }) => name).join(', ') || 'none'
  throw new PgherdError(
    'NOT_FOUND',
    `which member of ${scope} the local Patroni is cannot be told (there are: ${names}); its config_file would`,
  )
}

/** What a member says of itself; undefined for one that does not answer. */
export async function askMember(
  patroni: PatroniClient,
  { api_url: url }: MemberNow,
): Promise<NodeNow | undefined> {
  const origin = originOf(url)
  if (origin === undefined) return undefined
  try {
    return nodeDocument.parse(await patroni.get('/patroni', origin))
  } catch {
    return undefined
  }
}

/** Patroni before 3.1 does not say its name: the same server started at the same instant. */
function ownByStart(
  members: readonly MemberNow[],
  nodes: Situation['nodes'],
  own: NodeNow,
): MemberNow | undefined {
  if (own.postmaster_start_time === null) return undefined
  const same = members.filter(
    ({ name }) => nodes.get(name)?.postmaster_start_time === own.postmaster_start_time,
  )
  return same.length === 1 ? same[0] : undefined
}
