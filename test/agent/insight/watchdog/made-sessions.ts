import { nothingKnown, judge } from '../../../../agent/insight/watchdog/judge.ts'
import type { Judgement } from '../../../../agent/insight/watchdog/judge.ts'
import type { Policy } from '../../../../agent/insight/watchdog/policy.ts'
import { readPolicy } from '../../../../agent/insight/watchdog/read-policy.ts'
import type { Look, Session } from '../../../../agent/insight/watchdog/session.ts'

/** A session that is idle in a transaction since an hour, unless told otherwise. */
export function madeSession(given: Partial<Session> = {}): Session {
  return {
    pid: 100,
    backendStart: '2026-11-27 08:00:00.000001+00',
    database: 'shop',
    role: 'app',
    application: 'web',
    client: '10.1.2.3',
    backendType: 'client backend',
    state: 'idle in transaction',
    wait: 'Client:ClientRead',
    isSuperuser: false,
    mayReplicate: false,
    transactionStart: '2026-11-27 09:00:00+00',
    queryStart: '2026-11-27 09:00:01+00',
    stateChange: '2026-11-27 09:00:02+00',
    stateMs: 3_600_000,
    transactionMs: 3_600_000,
    queryMs: 3_600_000,
    xminAge: null,
    leader: null,
    blockers: [],
    copiedBytes: null,
    isCopy: false,
    ...given,
  }
}

/** One that waits for others. */
export function madeWaiter(pid: number, blockers: readonly number[], given: Partial<Session> = {}): Session {
  return madeSession({ pid, blockers, state: 'active', wait: 'Lock:relation', ...given })
}

export function madePolicy(text: string): Policy {
  const { policy, problems } = readPolicy(text, 'policy.yaml')
  if (policy === undefined) throw new Error(problems.join('\n'))
  return policy
}

export function madeLook(atMs: number, sessions: readonly Session[], given: Partial<Look> = {}): Look {
  const serverMs = Date.UTC(2026, 10, 27, 10) + atMs
  return { atMs, serverMs, sessions, exclusive: new Set(), leftovers: undefined, ...given }
}

/** What a policy says of each of some looks, one after the other. */
export function judgeAll(policy: Policy, looks: readonly Look[]): readonly Judgement[] {
  let memory = nothingKnown
  return looks.map((look) => {
    const judged = judge(policy, memory, look)
    ;({ memory } = judged)
    return judged
  })
}

/** `report 100`, `terminate 100`, in their order. */
export function stepsOf({ verdicts }: Judgement): readonly string[] {
  return verdicts.map(({ step, session }) => `${step} ${session.pid}`)
}
