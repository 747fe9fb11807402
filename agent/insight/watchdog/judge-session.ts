import { printDuration } from '../../../common/config/kinds.ts'
import { isLeftoverCase } from './cases.ts'
import type { SessionCase } from './cases.ts'
import { harmDone } from './harm.ts'
import { inCaseMs, isSameOccurrence, whyNoCancel } from './in-case.ts'
import type { Root } from './lock-roots.ts'
import type { Policy, Rule } from './policy.ts'
import { protectionOf } from './protection.ts'
import { isWithin, namedBy } from './selects.ts'
import type { Session } from './session.ts'
import type { Stage, Track } from './track.ts'
import type { Finding, SessionVerdict, Step } from './verdict.ts'

export interface About {
  readonly track: Track
  readonly root: Root | undefined
  /** Whether it, or a parallel worker of its own, waits behind one of the roots. */
  readonly isVictim: boolean
  readonly exclusive: ReadonlySet<number>
  readonly atMs: number
  /** Of the look before. */
  readonly beforeMs: number
  /** Whether there is room for one more report. */
  readonly mayTell: boolean
  readonly brokenCap: (rule: Rule) => string | undefined
}

export interface JudgedSession {
  readonly finding: Finding
  readonly verdict: SessionVerdict | undefined
  /** Undefined where it stays as it was. */
  readonly stage: Stage | undefined
  /** The cap that holds a signal up, where that is news. */
  readonly cap: string | undefined
}

/** How long a session has to end after pg_terminate_backend. */
const endMs = 30_000

/** What the first rule that fits a session says of it now; undefined where none fits. */
export function judgeSession(policy: Policy, session: Session, about: About): JudgedSession | undefined {
  for (const rule of policy.rules) {
    const { case: which } = rule
    if (isLeftoverCase(which)) continue
    if (!isWithin(rule.only, session) || namedBy(rule.except, session) !== undefined) continue
    const heldMs = inCaseMs(which, session, about)
    if (heldMs === undefined || heldMs < rule.after) continue
    const harm = harmDone(rule.harm ?? 'none', session, about)
    if (harm === undefined) continue
    return follow({ policy, rule, which, session, heldMs, harm, about })
  }
  return undefined
}

interface Fitting {
  readonly policy: Policy
  readonly rule: Rule
  readonly which: SessionCase
  readonly session: Session
  readonly heldMs: number
  readonly harm: readonly string[]
  readonly about: About
}

/** Report, cancel where that can work, terminate; each once, with the grace between them. */
function follow(fitting: Fitting): JudgedSession {
  const { policy, rule, which, session, heldMs, harm, about } = fitting
  const { track, root, atMs } = about
  const known = track.stages.get(rule.name)
  // One that did no harm for a while has its grace again.
  const goesOn = known !== undefined && known.seenMs >= about.beforeMs
  const terms = JSON.stringify([policy.dry_run, rule])
  const isSame = goesOn && known.terms === terms && isSameOccurrence(which, known.moment, session)
  const stage = isSame ? { ...known, seenMs: atMs } : undefined
  const plan = planOf(fitting, stage)
  const finding: Finding = { rule: rule.name, pid: session.pid, heldMs, harm, next: plan.next }
  const quiet = { finding, verdict: undefined, stage, cap: undefined }
  const verdictOf = (step: Step): SessionVerdict => ({
    ...{ step, rule, session, heldMs, harm, root },
    next: plan.next,
    isDry: policy.dry_run,
  })
  if (!about.mayTell) return quiet
  if (stage === undefined) {
    const { transactionStart, queryStart, stateChange } = session
    return {
      ...quiet,
      verdict: verdictOf('report'),
      stage: {
        terms,
        moment: { transactionStart, queryStart, stateChange },
        seenMs: atMs,
        cancelledMs: null,
        terminatedMs: null,
        isOver: false,
        notBeforeMs: atMs + rule.grace,
        isCapped: false,
      },
    }
  }
  if (stage.isOver || plan.step === undefined || atMs < plan.fromMs) return quiet
  if (plan.step === 'no-effect') {
    return { ...quiet, verdict: verdictOf('no-effect'), stage: { ...stage, isOver: true } }
  }
  const cap = about.brokenCap(rule)
  if (cap !== undefined) {
    return stage.isCapped ? quiet : { ...quiet, stage: { ...stage, isCapped: true }, cap }
  }
  const signalled = plan.step === 'cancel' ? { cancelledMs: atMs } : { terminatedMs: atMs }
  return {
    ...quiet,
    verdict: verdictOf(plan.step),
    stage: { ...stage, ...signalled, isCapped: false, isOver: policy.dry_run },
  }
}

interface Plan {
  /** Undefined where nothing is ever done. */
  readonly step: 'cancel' | 'terminate' | 'no-effect' | undefined
  readonly fromMs: number
  /** In words. */
  readonly next: string
}

function planOf({ policy, rule, session, about }: Fitting, stage: Stage | undefined): Plan {
  const never = (next: string): Plan => ({ step: undefined, fromMs: Infinity, next })
  const held =
    protectionOf(policy, session) ??
    (about.isVictim ? 'a parallel worker of it waits for a lock, and it is a victim' : undefined)
  if (rule.action === 'report') return never('the rule only reports')
  if (held !== undefined) return never(`it is left alone: ${held}`)
  const noCancel = whyNoCancel(session)
  const after = printDuration(rule.grace)
  if (stage !== undefined && stage.terminatedMs !== null) {
    return {
      step: 'no-effect',
      fromMs: stage.terminatedMs + endMs,
      next: 'it was told to end, and has not yet; only a restart of the server ends it by force',
    }
  }
  const notBeforeMs = stage?.notBeforeMs ?? about.atMs + rule.grace
  if (stage !== undefined && stage.cancelledMs !== null) {
    const fromMs = Math.max(notBeforeMs, stage.cancelledMs + Math.max(rule.grace, 5_000))
    if (rule.action === 'cancel') {
      return {
        step: 'no-effect',
        fromMs,
        next: 'its statement was cancelled and goes on; the rule does no more',
      }
    }
    return {
      step: 'terminate',
      fromMs,
      next: `it is terminated, because ${after} after a cancel it is still so`,
    }
  }
  if (rule.action === 'cancel') {
    if (noCancel !== undefined) return never(`nothing: the rule would cancel it, and ${noCancel}`)
    return {
      step: 'cancel',
      fromMs: notBeforeMs,
      next: `its statement is cancelled ${after} after the report`,
    }
  }
  if (noCancel !== undefined) {
    return {
      step: 'terminate',
      fromMs: notBeforeMs,
      next: `it is terminated ${after} after the report, without a cancel before: ${noCancel}`,
    }
  }
  return {
    step: 'cancel',
    fromMs: notBeforeMs,
    next: `its statement is cancelled ${after} after the report, and it is terminated where that does not help`,
  }
}
