import type { WatchdogReport } from '../../../common/insight/watchdog.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { InsightServer, LentConnection } from '../insight-server.ts'
import type { InsightPart } from '../part.ts'
import { createVersionNumber } from '../version-number.ts'
import { act, evidenceBefore } from './act.ts'
import type { Acted } from './act.ts'
import { isLeftoverCase } from './cases.ts'
import { describeDeed, describeLeftover } from './describe-deed.ts'
import type { Evidence } from './evidence.ts'
import { createWatchdogFigures } from './figures.ts'
import type { WatchdogFigures } from './figures.ts'
import { judge, notDone, nothingKnown } from './judge.ts'
import type { Memory } from './judge.ts'
import type { PolicyNow } from './policy-file.ts'
import type { Policy } from './policy.ts'
import { readLook } from './read-look.ts'
import type { Look } from './session.ts'
import type { SignalPort } from './signal-port.ts'
import type { Finding, SessionVerdict } from './verdict.ts'

export interface WatchdogOptions {
  readonly policy: () => PolicyNow
  /** Undefined where this agent takes no commands, and so has no audit: then it reports and signals nobody. */
  readonly port: () => SignalPort | undefined
}

/** What the watchdog of one server knows. */
export interface WatchdogStatus {
  readonly policy: PolicyNow
  /** Milliseconds since the last look; null before the first one. */
  readonly lookedMs: number | null
  /** Of the last look. */
  readonly findings: readonly (Finding & { readonly session: Look['sessions'][number] })[]
  readonly leftovers: Look['leftovers']
  readonly count: WatchdogFigures['count']
}

export interface Watchdog extends InsightPart {
  status(): WatchdogStatus
  /** One look, and what comes of it. Never rejects. */
  look(signal: AbortSignal): Promise<void>
}

export const lookEveryMs = 5_000
const leftoversEveryMs = 60_000
/** What was judged longer ago, or by another policy, is judged again before somebody is signalled for it. */
const staleMs = 2_000
/** Until it is tried again. */
const failedMs = 600_000
const missedMs = 60_000
const shutMs = 60_000

/** Looks at a server's sessions every few seconds, and does with those that are stuck what the policy says. */
export function createWatchdog(server: InsightServer, options: WatchdogOptions): Watchdog {
  const { clock, log } = server
  const figures = createWatchdogFigures()
  const versionOf = createVersionNumber()
  let memory: Memory = nothingKnown
  let last: { readonly look: Look; readonly findings: readonly Finding[] } | undefined
  let leftovers: Look['leftovers']
  let leftoversDueMs = -Infinity

  const observe = async (policy: Policy, signal: AbortSignal): Promise<void> => {
    const connection = server.lend()
    if (connection === undefined) return
    const versionNumber = await versionOf(connection)
    const atMs = clock.monotonic()
    const withLeftovers = policy.rules.some((rule) => isLeftoverCase(rule.case)) && atMs >= leftoversDueMs
    const look = await readLook(connection, { ...wantedOf(policy), versionNumber, atMs, withLeftovers })
    if (withLeftovers) {
      leftoversDueMs = atMs + leftoversEveryMs
      ;({ leftovers } = look)
    }
    const judged = judge(policy, memory, look)
    ;({ memory } = judged)
    last = { look, findings: judged.findings }
    figures.found(countsOf(judged.findings))
    for (const { rule, pid, cap } of judged.capped) {
      figures.add('capped', rule)
      log.warn({ rule, pid, cap }, 'watchdog: a signal waits, because the policy allows no more now')
    }
    for (const leftover of judged.leftovers) {
      figures.add('found', leftover.rule.name)
      const text = describeLeftover(leftover)
      log.warn({ rule: leftover.rule.name }, `watchdog: ${text}`)
      const { name, database, role, facts } = leftover.leftover
      const { harm, heldMs, rule } = leftover
      tell({
        ...{
          deed: 'reported',
          text,
          rule: rule.name,
          case: rule.case,
          isDry: policy.dry_run,
          heldMs,
          harm: [...harm],
        },
        ...{ next: 'a person has to decide', session: null, locks: [], victims: [], after: null },
        leftover: { ...facts, name, database, role },
      })
    }
    for (const verdict of judged.verdicts)
      await carryOut(verdict, { policy, connection, versionNumber, signal })
  }

  const tell = (report: WatchdogReport): void => server.tell('watchdog', report)

  const carryOut = async (
    verdict: SessionVerdict,
    about: {
      readonly policy: Policy
      readonly connection: LentConnection
      readonly versionNumber: number
      readonly signal: AbortSignal
    },
  ): Promise<void> => {
    const { policy, connection, versionNumber, signal } = about
    const { rule, step, isDry } = verdict
    const isSignal = step === 'cancel' || step === 'terminate'
    const isStale =
      clock.monotonic() - memory.atMs > staleMs || signal.aborted || options.policy().policy !== policy
    if (isSignal && !isDry && isStale) {
      memory = notDone(memory, verdict, { retryMs: 0 })
      return
    }
    const before = await evidenceBefore(verdict, connection.query, versionNumber)
    let acted: Acted = { deed: 'reported', outcome: verdict.next, after: undefined }
    if (step === 'report') figures.add('found', rule.name)
    else if (step === 'no-effect') {
      acted = { ...acted, deed: 'no-effect' }
      figures.add('failed', rule.name)
    } else if (isDry) {
      acted = { deed: step === 'cancel' ? 'would-cancel' : 'would-terminate', outcome: '', after: undefined }
      figures.addAction('dry', rule.name, step)
    } else {
      const port = options.port()
      acted = await act(verdict, { server: server.server, versionNumber, port, clock, signal })
      if (acted.deed === 'failed') {
        figures.add('failed', rule.name)
        const { mayHaveBeenSent = false, wasShut = false } = acted
        memory = notDone(memory, verdict, { retryMs: wasShut ? shutMs : failedMs, mayHaveBeenSent })
      } else if (acted.deed === 'missed') memory = notDone(memory, verdict, { retryMs: missedMs })
      else figures.addAction('acted', rule.name, step)
    }
    report(verdict, acted, before)
  }

  const report = (verdict: SessionVerdict, { deed, outcome, after }: Acted, before: Evidence): void => {
    const { rule, session, heldMs, harm, next, isDry } = verdict
    const text = describeDeed(verdict, deed, outcome)
    const facts = { rule: rule.name, case: rule.case, pid: session.pid, role: session.role, deed }
    if (deed === 'failed' || deed === 'no-effect') log.error(facts, `watchdog: ${text}`)
    else log.warn(facts, `watchdog: ${text}`)
    tell({
      ...{ deed, text: text.slice(0, 2_000), rule: rule.name, case: rule.case, isDry, heldMs, next },
      harm: [...harm],
      session: before.session,
      locks: [...before.locks],
      victims: [...before.victims],
      after: after === undefined ? null : { session: after.session, victims: [...after.victims] },
      leftover: null,
    })
  }

  const look = async (signal: AbortSignal): Promise<void> => {
    const { policy, problems } = options.policy()
    figures.follow(policy, problems.length === 0)
    if (policy === undefined) {
      // The caps are kept: a file that is gone for a moment gives no leave for more.
      memory = { ...nothingKnown, acts: memory.acts, told: memory.told }
      last = undefined
      return
    }
    try {
      await observe(policy, signal)
    } catch (error) {
      const { code, message } = toPgherdError(error)
      log.debug({ code }, `watchdog: no look: ${message}`)
    }
  }

  return {
    name: 'watchdog',
    tables: () => figures.tables(),
    look,
    async run(signal) {
      while (!signal.aborted) {
        await look(signal)
        await clock.sleep(lookEveryMs, signal)
      }
    },
    status: () => ({
      policy: options.policy(),
      lookedMs: last === undefined ? null : clock.monotonic() - last.look.atMs,
      findings: (last?.findings ?? []).flatMap((finding) => {
        const session = last?.look.sessions.find(({ pid }) => pid === finding.pid)
        return session === undefined ? [] : [{ ...finding, session }]
      }),
      leftovers,
      count: (figure, rule) => figures.count(figure, rule),
    }),
  }
}

function wantedOf({ rules }: Policy): { readonly leastMs: number; readonly withExclusive: boolean } {
  const ofSessions = rules.filter((rule) => !isLeftoverCase(rule.case))
  return {
    leastMs: Math.min(86_400_000, ...ofSessions.map(({ after }) => after)),
    withExclusive: ofSessions.some(({ harm }) => harm !== 'none' && harm?.holds_exclusive_lock === true),
  }
}

function countsOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { rule } of findings) counts.set(rule, (counts.get(rule) ?? 0) + 1)
  return counts
}
