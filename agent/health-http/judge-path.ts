import type { HealthFacts } from './health-facts.ts'
import { lagWords, parseLag } from './parse-lag.ts'

/** An answer to a load balancer: 200 sends it traffic. */
export interface Verdict {
  readonly status: 200 | 400 | 404 | 503
  /** Half a sentence: why. */
  readonly reason: string
}

/** The parameters that a path may have, each once, as text. */
export type PathParameters = ReadonlyMap<string, string>

type Judge = (facts: HealthFacts, given: Given) => string | undefined

interface Given {
  /** Bytes; undefined for no limit. */
  readonly lag: number | undefined
  readonly replicationState: string | undefined
  readonly mode: string
  readonly isCompatible: boolean
}

/** Patroni looks at its key alone; strictly, a leader that starts up or takes no writes is no place for them. */
const writer: Judge = (facts, { isCompatible }) => {
  if (!facts.isLeader) return 'it is not the leader'
  if (facts.isStandbyCluster) return 'its cluster follows another one'
  return isCompatible || facts.takesWrites ? undefined : 'it is the leader, but takes no writes'
}
const leader: Judge = (facts, given) => {
  if (!facts.isLeader) return 'it is not the leader'
  return facts.isStandbyCluster ? runningStrictly(facts, given) : writer(facts, given)
}
const standbyLeader: Judge = (facts, given) => {
  const isOne = facts.isLeader && facts.isStandbyCluster && facts.role !== 'primary'
  return isOne ? runningStrictly(facts, given) : 'it is not the leader of a standby cluster'
}
const replica: Judge = (facts, given) => {
  if (facts.tags['noloadbalance'] === true) return 'it has the tag noloadbalance'
  if (facts.role !== 'replica') return 'it is not a replica'
  if (!facts.isRunning) return 'it is not running'
  if (given.replicationState !== undefined && facts.replicationState !== given.replicationState) {
    return `its replication is ${facts.replicationState ?? 'not known'}`
  }
  return lagProblem(facts, given, facts.replayedPosition)
}
const readOnly: Judge = (facts, given) =>
  leader(facts, given) === undefined ? undefined : replica(facts, given)
const known: Judge = ({ isClusterKnown }) =>
  isClusterKnown ? undefined : 'Patroni does not see its configuration store'
const sync: Judge = (facts, given) =>
  known(facts, given) ?? (facts.isSyncStandby ? replica(facts, given) : 'it is no synchronous standby')
const quorum: Judge = (facts, given) =>
  known(facts, given) ?? (facts.isQuorumStandby ? replica(facts, given) : 'it is no quorum standby')
const async: Judge = (facts, given) =>
  known(facts, given) ??
  (facts.managedBy === 'none'
    ? 'a standby does not know whether it is synchronous, and no Patroni says it'
    : facts.isSyncStandby || facts.isQuorumStandby
      ? 'it is a synchronous standby'
      : replica(facts, given))
const leaderOr =
  (one: Judge): Judge =>
  (facts, given) =>
    known(facts, given) ?? (leader(facts, given) === undefined ? undefined : one(facts, given))
const running: Judge = ({ isRunning }) => (isRunning ? undefined : 'it is not running')
const alive: Judge = ({ isManagerAlive }) =>
  isManagerAlive ? undefined : 'Patroni has not answered for longer than its ttl'
const ready: Judge = (facts, given) => {
  if (facts.isLeader) return runningStrictly(facts, given)
  if (!facts.isRunning) return 'it is not running'
  if (facts.replicationState !== 'streaming') return 'it does not stream'
  if (facts.lastPosition === null) return 'the end of the log is not known'
  const lag = given.lag ?? facts.maximumLag ?? undefined
  return lagProblem(
    facts,
    { ...given, lag },
    given.mode === 'write' ? facts.receivedPosition : facts.replayedPosition,
  )
}

interface HealthPath {
  readonly judge: Judge
  /** Parameters with a meaning there. Tags narrow neither a path that a leader alone answers nor one of a supervisor. */
  readonly takes: 'nothing' | 'what a replica is' | 'how ready it is'
  /** Answered also when the server does not answer: it is about what runs it. */
  readonly isAboutManager?: true
}

const primaryPath: HealthPath = { judge: writer, takes: 'nothing' }
const leaderPath: HealthPath = { judge: leader, takes: 'nothing' }
const standbyLeaderPath: HealthPath = { judge: standbyLeader, takes: 'nothing' }
const replicaPath: HealthPath = { judge: replica, takes: 'what a replica is' }
const readOnlyPath: HealthPath = { judge: readOnly, takes: 'what a replica is' }
const readOnlySyncPath: HealthPath = { judge: leaderOr(sync), takes: 'what a replica is' }
const readOnlyQuorumPath: HealthPath = { judge: leaderOr(quorum), takes: 'what a replica is' }
const healthPath: HealthPath = { judge: running, takes: 'nothing' }

/** Every path that judges, with the names that Patroni and pg_exporter have for it. */
const healthPaths: ReadonlyMap<string, HealthPath> = new Map(
  (
    [
      [['/', '/primary', '/master', '/read-write', '/rw'], primaryPath],
      [['/leader'], leaderPath],
      [['/standby-leader', '/standby_leader'], standbyLeaderPath],
      [['/replica', '/standby', '/slave'], replicaPath],
      [['/read-only', '/ro'], readOnlyPath],
      [['/sync', '/synchronous'], { judge: sync, takes: 'what a replica is' }],
      [['/quorum'], { judge: quorum, takes: 'what a replica is' }],
      [['/async', '/asynchronous'], { judge: async, takes: 'what a replica is' }],
      [['/read-only-sync', '/read-only-synchronous'], readOnlySyncPath],
      [['/read-only-quorum'], readOnlyQuorumPath],
      [['/health', '/up'], healthPath],
      [['/liveness'], { judge: alive, takes: 'nothing', isAboutManager: true }],
      [['/readiness'], { judge: ready, takes: 'how ready it is' }],
    ] satisfies readonly (readonly [readonly string[], HealthPath])[]
  ).flatMap(([names, path]) => names.map((name) => [name, path] as const)),
)

/**
 * Whether a server is what a path asks for, in microseconds and without asking anybody: `facts` are all.
 * Source of the meanings: Patroni 4.1, docs/rest_api.rst and patroni/api.py. Where Patroni is loose (a lag that cannot be
 * read is no limit, a path that contains "primary" is /primary, a leader that still starts up is a writer), the answer is
 * strict unless `isCompatible`.
 */
export function judgePath(
  path: string,
  parameters: PathParameters,
  facts: HealthFacts,
  isCompatible: boolean,
): Verdict {
  const found = healthPaths.get(path) ?? (isCompatible ? looselyNamed(path) : undefined)
  if (found === undefined) {
    return isCompatible
      ? { status: 503, reason: 'no such path' }
      : { status: 404, reason: `no such path; there are ${[...healthPaths.keys()].join(' ')}` }
  }
  const given = readGiven(parameters, found, isCompatible)
  if (typeof given === 'string') return { status: 400, reason: given }
  if (facts.silent !== undefined && found.isAboutManager !== true)
    return { status: 503, reason: facts.silent }
  const problem = found.judge(facts, given) ?? tagProblem(parameters, found, facts)
  return problem === undefined ? { status: 200, reason: 'ok' } : { status: 503, reason: problem }
}

/** Patroni's order of looking for words in a path that it does not know. */
function looselyNamed(path: string): HealthPath | undefined {
  if (/standby[_-]leader/.test(path)) return standbyLeaderPath
  if (path.includes('leader')) return leaderPath
  if (/master|primary|read-write/.test(path)) return primaryPath
  if (path.includes('replica')) return replicaPath
  if (path.includes('read-only')) {
    if (path.includes('sync')) return readOnlySyncPath
    return path.includes('quorum') ? readOnlyQuorumPath : readOnlyPath
  }
  return path.includes('health') ? healthPath : undefined
}

/** @returns a sentence for the caller when a parameter cannot be meant */
function readGiven(parameters: PathParameters, { takes }: HealthPath, isCompatible: boolean): Given | string {
  const text = parameters.get('lag')
  const lag = text === undefined ? undefined : parseLag(text)
  const mode = parameters.get('mode') ?? 'apply'
  if (!isCompatible) {
    if (text !== undefined && lag === undefined) return `lag: was "${text}"; allowed: ${lagWords}`
    if (mode !== 'apply' && mode !== 'write') return `mode: was "${mode}"; allowed: apply, write`
    const unknown = [...parameters.keys()].find((key) => !isKnownParameter(key, takes))
    if (unknown !== undefined) {
      return `${unknown}: is no parameter of this path; allowed: lag, replication_state, mode, tag_<name> where they have a meaning`
    }
  }
  return { lag, mode, replicationState: parameters.get('replication_state') || undefined, isCompatible }
}

/** A tag has to be known nowhere: where it has no meaning it is let be, as by Patroni. */
function isKnownParameter(key: string, takes: HealthPath['takes']): boolean {
  if (key === 'lag') return takes === 'what a replica is' || takes === 'how ready it is'
  if (key === 'replication_state') return takes === 'what a replica is'
  return key === 'mode' ? takes === 'how ready it is' : key.startsWith('tag_')
}

function tagProblem(
  parameters: PathParameters,
  { takes }: HealthPath,
  facts: HealthFacts,
): string | undefined {
  if (takes === 'nothing' || takes === 'how ready it is') return undefined
  for (const [key, wanted] of parameters) {
    if (!key.startsWith('tag_')) continue
    const has = facts.tags[key.slice('tag_'.length)]
    const shown = typeof has === 'string' ? has : String(has).toLowerCase()
    if (has == null || shown !== wanted) return `its tag ${key.slice('tag_'.length)} is not ${wanted}`
  }
  return undefined
}

function lagProblem(
  facts: HealthFacts,
  { lag, isCompatible }: Given,
  position: number | null,
): string | undefined {
  if (lag === undefined) return undefined
  if (facts.lastPosition === null || position === null) {
    return isCompatible && facts.lastPosition === null ? undefined : 'its lag is not known'
  }
  const behind = facts.lastPosition - position
  return behind > lag ? `it is ${behind} bytes behind, more than ${lag}` : undefined
}

function runningStrictly(facts: HealthFacts, { isCompatible }: Given): string | undefined {
  return isCompatible || facts.isRunning ? undefined : 'it is not running'
}
