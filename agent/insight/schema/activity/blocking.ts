import type { BlockedBy } from '../../../../common/insight/schema-changes.ts'
import { hideLiterals } from '../../../../common/sql/hide-literals.ts'
import type { Acts } from './acts.ts'
import type { ActivitySample, SampledSession } from './sample-activity.ts'
import type { LockSample, SampledLock } from './sample-locks.ts'

/** Of one database: the statements that have or want AccessExclusiveLock on a relation, and what waits behind them. */
export interface Blocking {
  readonly databaseOid: number
  /** Sessions that wait, for one of them or for one that waits for it. */
  readonly blocked: number
  /** How long the longest of them has wanted or had it, at least. */
  readonly lockMs: number
  readonly heads: readonly BlockedBy[]
}

const shortLength = 120
const mostLines = 30

/**
 * Who has or wants AccessExclusiveLock for a change of the schema, and who is held up by it: what asks for a lock behind one that
 * waits, waits as well ("Explicit Locking" of the manual).
 */
export function findBlocking(sample: ActivitySample, locks: LockSample, acts: Acts): readonly Blocking[] {
  const sessions = new Map(sample.sessions.map((session) => [session.pid, session]))
  const behind = new Map<number, number[]>()
  for (const [pid, blockers] of locks.blockers) {
    for (const blocker of blockers) behind.set(blocker, [...(behind.get(blocker) ?? []), pid])
  }
  const wanted = new Map<number, SampledLock>()
  for (const lock of locks.locks) {
    // Without a name it may be temporary or new, which nobody else can wait for.
    if (lock.mode !== 'AccessExclusiveLock' || (lock.name === null && !behind.has(lock.pid))) continue
    if (!wanted.has(lock.pid) || !lock.isGranted) wanted.set(lock.pid, lock)
  }
  const seen = new Map(acts.list().map((one) => [`${one.act.pid} ${one.act.startedMs}`, one.act]))
  const found = new Map<number, { blocked: Set<number>; lockMs: number; heads: BlockedBy[] }>()
  for (const [pid, lock] of wanted) {
    const session = sessions.get(pid)
    const below = everyone(pid, behind)
    if (session === undefined) continue
    const act = seen.get(`${pid} ${session.queryStartMs}`) ?? seen.get(`${pid} ${session.transactionStartMs}`)
    if (act === undefined) continue
    const of = found.get(session.databaseOid) ?? { blocked: new Set(), lockMs: 0, heads: [] }
    found.set(session.databaseOid, of)
    for (const one of below) of.blocked.add(one)
    of.lockMs = Math.max(of.lockMs, sample.atMs - act.startedMs)
    if (below.size === 0) continue
    const tree = drawTree(pid, { sessions, wanted, behind, blockers: locks.blockers, atMs: sample.atMs })
    of.heads.push({ key: `${pid} ${act.startedMs}`, act, isWaiting: !lock.isGranted, tree })
  }
  return [...found].map(([databaseOid, { blocked, lockMs, heads }]) => ({
    ...{ databaseOid, lockMs, heads },
    blocked: blocked.size,
  }))
}

function everyone(pid: number, behind: ReadonlyMap<number, readonly number[]>): ReadonlySet<number> {
  const found = new Set<number>()
  const left = [...(behind.get(pid) ?? [])]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (next === pid || found.has(next)) continue
    found.add(next)
    left.push(...(behind.get(next) ?? []))
  }
  return found
}

/** The sessions that it waits for, it, and those behind it, each deeper than what it waits for. */
function drawTree(
  pid: number,
  about: {
    readonly sessions: ReadonlyMap<number, SampledSession>
    readonly wanted: ReadonlyMap<number, SampledLock>
    readonly behind: ReadonlyMap<number, readonly number[]>
    readonly blockers: ReadonlyMap<number, readonly number[]>
    readonly atMs: number
  },
): string[] {
  const { sessions, wanted, behind, blockers, atMs } = about
  const lines: string[] = []
  const seen = new Set<number>()
  const describe = (one: number): string => {
    const session = sessions.get(one)
    const lock = wanted.get(one)
    const what =
      lock === undefined
        ? ''
        : ` ${lock.isGranted ? 'has' : 'wants'} AccessExclusiveLock on ${lock.name ?? `relation ${lock.relation}`}`
    if (session === undefined) return `${one}${what}`
    const seconds = Math.max(0, Math.round((atMs - session.queryStartMs) / 1000))
    const statement = hideLiterals(session.query, { keepNumbers: true, maxLength: shortLength })
    return `${one} ${session.user ?? ''}${what} ${seconds} s: ${statement}`
  }
  const draw = (one: number, depth: number): void => {
    if (seen.has(one) || lines.length >= mostLines) return
    seen.add(one)
    lines.push(`${'  '.repeat(depth)}${describe(one)}`)
    // Who waits for several is shown behind the first of those in the tree.
    for (const below of behind.get(one) ?? []) draw(below, depth + 1)
  }
  const roots = (blockers.get(pid) ?? []).filter((one) => (blockers.get(one) ?? []).length === 0)
  if (roots.length === 0) draw(pid, 0)
  for (const root of roots) {
    lines.push(describe(root))
    seen.add(root)
    draw(pid, 1)
  }
  return lines
}
