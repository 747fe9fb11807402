import { harmDone } from './harm.ts'
import type { Root } from './lock-roots.ts'
import type { Policy, Rule } from './policy.ts'
import { isWithin, namedBy } from './selects.ts'
import type { Leftover, Look } from './session.ts'
import type { LeftoverVerdict } from './verdict.ts'

/** Since when something is seen in each look, and which rules have told of it. */
export interface LeftoverTrack {
  readonly sinceMs: number
  readonly told: ReadonlySet<string>
}

/** What is told of prepared transactions and slots, each once. Nothing is ever done to them. @param root prepared transactions that block */
export function judgeLeftovers(
  policy: Policy,
  before: ReadonlyMap<string, LeftoverTrack>,
  look: Look,
  root: Root | undefined,
): { readonly tracks: ReadonlyMap<string, LeftoverTrack>; readonly verdicts: readonly LeftoverVerdict[] } {
  const { leftovers, atMs } = look
  const verdicts: LeftoverVerdict[] = []
  const tracks = new Map<string, LeftoverTrack>()
  if (leftovers === undefined) {
    for (const [key, track] of before) if (key !== blockingKey) tracks.set(key, track)
  }
  const judged = (
    key: string,
    leftover: Leftover,
    about: (rule: Rule, heldMs: number) => readonly string[] | undefined,
  ) => {
    const track = before.get(key) ?? { sinceMs: atMs, told: new Set<string>() }
    const heldMs = leftover.ageMs ?? atMs - track.sinceMs
    const told = new Set(track.told)
    for (const rule of policy.rules) {
      const harm = about(rule, heldMs)
      if (harm === undefined || told.has(rule.name)) continue
      told.add(rule.name)
      verdicts.push({ rule, leftover, heldMs, harm })
    }
    tracks.set(key, { sinceMs: track.sinceMs, told })
  }
  for (const leftover of leftovers ?? []) {
    const { name, database, role } = leftover
    const named = { role, database, application: '', client: '' }
    judged(`${leftover.case} ${name}`, leftover, (rule, heldMs) => {
      if (rule.case !== leftover.case || heldMs < rule.after) return undefined
      return isWithin(rule.only, named) && namedBy(rule.except, named) === undefined ? [] : undefined
    })
  }
  if (root !== undefined) {
    judged(blockingKey, blockingLeftover(root), (rule, heldMs) => {
      if (rule.case !== 'lock-head' || heldMs < rule.after) return undefined
      return harmDone(rule.harm ?? 'none', { pid: 0, xminAge: null }, { root, exclusive: look.exclusive })
    })
  }
  return { tracks, verdicts }
}

const blockingKey = 'lock-head 0'

/** pg_blocking_pids has 0 for each of them, so that which one it is has to be looked up in pg_locks. */
function blockingLeftover({ victims, longestMs }: Root): Leftover {
  return {
    case: 'prepared-transaction',
    name: '',
    database: '',
    role: '',
    ageMs: longestMs,
    facts: { victims: victims.join(' ') },
  }
}
