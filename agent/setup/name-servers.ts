import { PgherdError } from '../../common/errors.ts'
import type { FoundServer } from './find/found.ts'

/** A server with all that may tell how it is called. */
export interface Nameless {
  readonly server: FoundServer
  readonly inRecovery: boolean
  /** `cluster_name` of its settings; empty where it has none. */
  readonly clusterName: string
  /** Of its Patroni. */
  readonly scope: string | undefined
  readonly member: string | undefined
}

/** What was asked for; undefined for what is to be found. */
export interface AskedName {
  /** `pg-main-1`, as `agentctl enroll` was told. */
  readonly node: string | undefined
  readonly cluster: string | undefined
  readonly seq: number | undefined
  /** Half a sentence: where those come from. */
  readonly from: string
  readonly hostName: string
}

export interface NamedServer {
  readonly server: FoundServer
  readonly cluster: string
  readonly seq: number
  /** Half a sentence: where the name comes from. */
  readonly why: string
}

/**
 * Names for the servers of this host. The first is the one by which the agent itself is known, `<cluster>-<seq>`.
 * @throws PgherdError USAGE where a name cannot be found, or contradicts another one that was given
 */
export function nameServers(all: readonly Nameless[], asked: AskedName): readonly NamedServer[] {
  const wanted = splitNode(asked)
  const ownName = (one: Nameless): string | undefined => clusterOf(one)?.cluster
  const main = all.find((one) => wanted.cluster !== undefined && ownName(one) === wanted.cluster) ?? all[0]
  if (main === undefined) return []
  const first = nameMain(main, wanted, asked)
  const named = [first]
  for (const one of all.filter((other) => other !== main)) {
    const own = clusterOf(one)
    const suffix = one.server.debianName?.split('/')[1]
    const candidates = [
      own?.cluster,
      suffix === undefined || suffix === 'main' ? undefined : `${first.cluster}-${suffix}`,
      `${first.cluster}-${one.server.port}`,
    ]
    const cluster = candidates.find(
      (name) => name !== undefined && !named.some((taken) => taken.cluster === name),
    )
    named.push({
      server: one.server,
      cluster: plain(cluster ?? `${first.cluster}-${one.server.port}`),
      seq: own?.seq ?? first.seq,
      why:
        cluster === own?.cluster
          ? (own?.why ?? '')
          : 'the name of the first server on this host, and its own',
    })
  }
  return named
}

function nameMain(
  one: Nameless,
  wanted: Pick<AskedName, 'cluster' | 'seq'>,
  { hostName, from }: Pick<AskedName, 'hostName' | 'from'>,
): NamedServer {
  const own = clusterOf(one)
  const host = /^(.*?)-?(\d+)$/.exec(hostName)
  const cluster =
    wanted.cluster ?? own?.cluster ?? plain(host?.[1] === '' ? hostName : (host?.[1] ?? hostName))
  const found = own?.seq ?? (host === null ? undefined : Number(host[2])) ?? (one.inRecovery ? undefined : 1)
  const seq = wanted.seq ?? found
  if (seq === undefined || seq > 99_999) {
    throw new PgherdError(
      'USAGE',
      `the number of this member of ${cluster} is told by neither Patroni's name, cluster_name nor host name ${hostName}; allowed: a node such as ${cluster}-2, or --seq 2`,
    )
  }
  const why = wanted.cluster !== undefined ? from : (own?.why ?? `from the name of this host, ${hostName}`)
  return { server: one.server, cluster, seq, why }
}

function splitNode({ node, cluster, seq }: AskedName): {
  cluster: string | undefined
  seq: number | undefined
} {
  if (node === undefined) return { cluster, seq }
  const [, ofNode = '', number = ''] = /^([A-Za-z0-9][A-Za-z0-9-]{0,62})-(\d{1,5})$/.exec(node) ?? []
  if (ofNode === '') {
    throw new PgherdError('USAGE', `the node was ${node}; allowed: <cluster>-<number>, such as pg-main-1`)
  }
  if ((cluster !== undefined && cluster !== ofNode) || (seq !== undefined && seq !== Number(number))) {
    throw new PgherdError('USAGE', `--cluster or --seq contradict the node ${node}; allowed: one of the two`)
  }
  return { cluster: ofNode, seq: Number(number) }
}

/** What Patroni or the server itself says; a Debian server calls itself `17/main`, which no cluster is called. */
function clusterOf({
  scope,
  member,
  clusterName,
}: Nameless): { cluster: string; seq: number | undefined; why: string } | undefined {
  if (scope !== undefined && scope !== '') {
    const number = /(\d{1,5})$/.exec(member ?? '')?.[1]
    return {
      cluster: plain(scope),
      seq: number === undefined ? undefined : Number(number),
      why: `Patroni's scope ${scope}, member ${member ?? 'without a name'}`,
    }
  }
  if (!/^[A-Za-z0-9]/.test(clusterName) || clusterName.includes('/')) return undefined
  const [, cluster, number] = /^(.+)-(\d{1,5})$/.exec(clusterName) ?? []
  const why = `cluster_name of the server, ${clusterName}`
  return cluster === undefined
    ? { cluster: plain(clusterName), seq: undefined, why }
    : { cluster: plain(cluster), seq: Number(number), why }
}

/** As a name of a cluster may be: letters, digits and dashes. */
function plain(name: string): string {
  const clean = name
    .replaceAll(/[^A-Za-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
  return clean === '' ? 'pg' : clean
}
