import type { AuditFact } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import { late, withinDeadline } from '../../../common/deadline.ts'
import { toPgherdError } from '../../../common/errors.ts'
import type { WatchdogDeed } from '../../../common/insight/watchdog.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { describeDeed } from './describe-deed.ts'
import { noEvidence, readEvidence } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import type { SignalPort } from './signal-port.ts'
import { signalStatement, waitForEndMs } from './signal-statement.ts'
import type { SessionVerdict } from './verdict.ts'

export interface Acted {
  readonly deed: WatchdogDeed
  /** For a person: what came of it, or why nothing did. */
  readonly outcome: string
  /** Undefined where nothing was sent. */
  readonly after: Evidence | undefined
  /** Of one that failed. */
  readonly mayHaveBeenSent?: boolean
  /** Of one for which the server had no connection, as when it is full of those that wait. */
  readonly wasShut?: boolean
}

export interface ActOptions {
  readonly server: string
  readonly versionNumber: number
  /** Undefined where this agent takes no commands, and so has no audit. */
  readonly port: SignalPort | undefined
  readonly clock: Clock
  readonly signal: AbortSignal
}

const recordMs = 5_000
const changeMs = 5_000
const pauseMs = 100

/** Signals one session, once it is written down, and looks what came of it. Never rejects. */
export async function act(verdict: SessionVerdict, options: ActOptions): Promise<Acted> {
  const { port, clock } = options
  const failed = (outcome: string): Acted => ({ deed: 'failed', outcome, after: undefined })
  if (port === undefined) {
    return failed(
      'this agent takes no commands (actions.enabled), so that it has no audit and signals nobody',
    )
  }
  const fact = (outcome: string | null): AuditFact => factOf(verdict, options.server, outcome)
  const written = await withinDeadline(port.record(fact(null)), recordMs, clock)
  if (written === late || !written) return failed('the audit of this host could not be written')
  const acted = await send(verdict, port, options)
  // Not waited for: on a full disk it takes until the agent ends.
  void port.record(fact(`${acted.deed}: ${acted.outcome}`))
  return acted
}

async function send(verdict: SessionVerdict, port: SignalPort, options: ActOptions): Promise<Acted> {
  const { clock, signal, versionNumber } = options
  const deed = verdict.step === 'cancel' ? 'cancelled' : 'terminated'
  let wasShut = true
  let isUnderWay = false
  let isSent = false
  try {
    await using session = await port.open()
    wasShut = false
    const statement = signalStatement(verdict, versionNumber)
    isUnderWay = true
    const { rows } = await session.change(statement, { timeoutMs: changeMs, signal })
    isUnderWay = false
    if (rows[0] === undefined) return await explainNoRow(verdict, session)
    isSent = true
    const after = await watchEnd(verdict, session, versionNumber, { clock, signal })
    return { deed, outcome: outcomeOf(verdict, after), after }
  } catch (error) {
    const known = toPgherdError(error)
    const { sqlstate } = known.details
    if (isSent) {
      return { deed, outcome: `what came of it could not be seen: ${known.message}`, after: undefined }
    }
    // The server waits for the end of the session, and can be broken off in that.
    const mayHaveBeenSent = isUnderWay && (sqlstate === undefined || sqlstate === queryCanceled)
    const isForbidden = sqlstate === insufficientPrivilege
    const more = isForbidden ? `; it takes: ${grants}` : mayHaveBeenSent ? '; it may have been sent' : ''
    return { deed: 'failed', outcome: `${known.message}${more}`, after: undefined, mayHaveBeenSent, wasShut }
  }
}

const grants = 'GRANT pg_signal_backend, pg_monitor TO the role for commands'

/** A role that may not see when a session began cannot tell it from another. */
async function explainNoRow(
  { session: { pid } }: SessionVerdict,
  session: Pick<ActionSession, 'read'>,
): Promise<Acted> {
  const text = `select (backend_start is null)::text from pg_stat_get_activity($1::int)`
  const { rows } = await session.read({ text, values: [String(pid)] }, changeMs)
  if (rows[0]?.[0] !== 'true') {
    return { deed: 'missed', outcome: 'it had gone on, or ended, before the signal', after: undefined }
  }
  return {
    deed: 'failed',
    outcome: `the role may not see the session; it takes: ${grants}`,
    after: undefined,
  }
}

const insufficientPrivilege = '42501'
const queryCanceled = '57014'

/** Until it has ended its statement, or is gone, or the time for that is over. */
async function watchEnd(
  { session: judged, root, step }: SessionVerdict,
  session: Pick<ActionSession, 'read'>,
  versionNumber: number,
  { clock, signal }: Pick<ActOptions, 'clock' | 'signal'>,
): Promise<Evidence> {
  const untilMs = clock.monotonic() + waitForEndMs
  for (;;) {
    const seen = await readEvidence(session.read, judged, root?.victims ?? [], versionNumber)
    const isSame = seen.session !== null && (step === 'terminate' || isStill(seen.session, judged.queryStart))
    if (!isSame || clock.monotonic() >= untilMs || signal.aborted) return seen
    await clock.sleep(pauseMs, signal)
  }
}

function isStill(row: NonNullable<Evidence['session']>, queryStart: string | null): boolean {
  return row['state'] === 'active' && Date.parse(String(row['query_start'])) === Date.parse(queryStart ?? '')
}

function outcomeOf({ step, root }: SessionVerdict, after: Evidence): string {
  const { session, victims } = after
  const held = (root?.victims.length ?? 0) - victims.length
  const freed = root === undefined ? '' : `, and ${held} of ${root.victims.length} that waited go on`
  if (session === null) return `it is gone${freed}`
  const state = String(session['state'] ?? 'there')
  if (step === 'terminate') return `it is still there (${state})${freed}`
  return state === 'active' ? `its statement goes on so far${freed}` : `it is ${state}${freed}`
}

function factOf(verdict: SessionVerdict, server: string, outcome: string | null): AuditFact {
  const { step, session } = verdict
  const { pid, backendStart, transactionStart, queryStart } = session
  const what = JSON.stringify({ backendStart, pid, queryStart, step, transactionStart })
  return {
    event: 'session-signalled',
    who: 'pgherd',
    what,
    where: server,
    why: describeDeed(verdict, 'reported', '').slice(0, 500),
    command: null,
    outcome,
    digest: null,
  }
}

/** Before a signal. Never rejects: a server that cannot tell just now is told of without. */
export async function evidenceBefore(
  verdict: Pick<SessionVerdict, 'session' | 'root'>,
  read: Parameters<typeof readEvidence>[0],
  versionNumber: number,
): Promise<Evidence> {
  try {
    return await readEvidence(read, verdict.session, verdict.root?.victims ?? [], versionNumber)
  } catch {
    return noEvidence
  }
}
