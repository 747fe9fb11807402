import { printDuration } from '../../../common/config/kinds.ts'
import type { WatchdogDeed } from '../../../common/insight/watchdog.ts'
import type { Case } from './cases.ts'
import type { Session } from './session.ts'
import type { LeftoverVerdict, SessionVerdict } from './verdict.ts'

const words: Readonly<Record<Case, string>> = {
  'client-read': 'is active and waits for its client',
  'copy-stalled': 'is in a COPY that does not move',
  'client-write': 'is active, and its client does not take the answer',
  'idle-in-transaction': 'is idle in a transaction',
  'aborted-transaction': 'is idle in an aborted transaction',
  'long-transaction': 'is in a transaction',
  'long-query': 'runs a query',
  'lock-head': 'holds up others',
  'prepared-transaction': 'is prepared, and nobody ends it',
  'inactive-slot': 'is used by nobody',
}

/** One session for a person. */
export function describeSession({ pid, role, database, application, client }: Session): string {
  const program = application === '' ? '' : `, ${application}`
  return `session ${pid} (${role === '' ? 'no role' : role} in ${database === '' ? 'no database' : database}${program}, from ${client})`
}

/** Goes on behind the name of a server. @param outcome what came of a signal, or why there was none */
export function describeDeed(verdict: SessionVerdict, deed: WatchdogDeed, outcome: string): string {
  const { session, rule, heldMs, harm } = verdict
  const about = `${describeSession(session)} ${words[rule.case]} since ${shown(heldMs)}${harm.length === 0 ? '' : `: ${harm.join('; ')}`}`
  return `${heads[deed]}${about}${outcome === '' ? '' : `; ${outcome}`} (rule ${rule.name}${verdict.isDry ? ', dry run' : ''})`
}

const heads: Readonly<Record<WatchdogDeed, string>> = {
  reported: '',
  cancelled: 'cancelled: ',
  terminated: 'terminated: ',
  'would-cancel': 'would be cancelled now: ',
  'would-terminate': 'would be terminated now: ',
  missed: 'not signalled any more: ',
  failed: 'could not be signalled: ',
  'no-effect': 'the signal had no effect: ',
}

export function describeLeftover({ leftover, rule, heldMs, harm }: LeftoverVerdict): string {
  const { case: kind, name, database, role } = leftover
  const where = database === '' ? '' : ` in ${database}`
  const whose = role === '' ? '' : ` of ${role}`
  const what =
    kind === 'inactive-slot'
      ? `the replication slot ${name}${where} ${words['inactive-slot']} since ${shown(heldMs)}: its log is kept`
      : name === ''
        ? `a prepared transaction ${words['lock-head']}: ${harm.join('; ')}`
        : `the prepared transaction ${name}${whose}${where} ${words['prepared-transaction']} since ${shown(heldMs)}`
  return `${what}; nothing is done about it, because a person has to decide (rule ${rule.name})`
}

export function shown(ms: number): string {
  return ms < 1_000 ? '0s' : printDuration(Math.floor(ms / 1_000) * 1_000)
}
