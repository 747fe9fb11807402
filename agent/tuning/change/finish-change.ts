import type { TunedServer } from '../apply-settings.ts'
import { isOpen } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import { namesOf } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'
import { rollBack } from './roll-back.ts'

/** Writes down where a change is now; what is over is forgotten by the guard. */
export async function setState(
  work: ChangeWork,
  record: ChangeRecord,
  change: Partial<Omit<ChangeRecord, 'id' | 'server'>>,
): Promise<ChangeRecord> {
  const next = { ...record, ...change }
  const isOver = !isOpen(next)
  const written = { ...next, finishedMs: isOver ? (next.finishedMs ?? work.clock.now()) : null }
  await work.journal.note(written)
  if (isOver) work.memories.delete(record.id)
  return written
}

/** Ends a change, tells the log and the audit. */
export async function finish(
  work: ChangeWork,
  record: ChangeRecord,
  state: 'kept' | 'rolled-back' | 'left-alone',
  message: string,
): Promise<ChangeRecord> {
  const over = await setState(work, record, { state, message, untilMs: null })
  if (state === 'kept') work.counts.kept++
  else if (state === 'rolled-back') work.counts.rolledBack++
  else work.counts.leftAlone++
  const about = { server: record.server, change: record.id, state }
  if (state === 'kept') work.log.info(about, `tuning: ${message}`)
  else work.log.warn(about, `tuning: ${message}`)
  tellAudit(work, record, state === 'kept' ? 'finished' : 'undone', message)
  return over
}

/** Not waited for: on a full disk it takes until the agent ends. */
export function tellAudit(
  { node, record: write }: ChangeWork,
  change: ChangeRecord,
  event: 'finished' | 'undone',
  outcome: string,
): void {
  const { id, server } = change
  void write?.({
    event,
    who: `agent ${node}`,
    what: `guard of the change ${id} of ${namesOf(change).join(', ')}`.slice(0, 4_000),
    where: server === node ? node : `${node} ${server}`,
    why: '',
    command: null,
    outcome: outcome.slice(0, 4_000),
    digest: null,
  })
}

/**
 * Takes a change back and ends it. Until that is done its state is `rolling-back`, in which the guard tries again.
 * @param why - half a sentence
 * @throws PgherdError when it could not be done now
 */
export async function takeChangeBack(
  work: ChangeWork,
  tuned: TunedServer,
  record: ChangeRecord,
  why: string,
): Promise<ChangeRecord> {
  const under = await setState(work, record, { state: 'rolling-back', message: why, untilMs: null })
  const { state, said } = await rollBack(tuned, under)
  return finish(work, under, state, `${why}; ${said}`)
}
