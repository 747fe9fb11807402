import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { AuditFact } from '../../common/audit/entry.ts'
import type { CommandBook, LiveCommand } from './command-book.ts'
import { lostFact, progressFact } from './command-facts.ts'
import type { CommandStore, RetentionLimits } from './command-store.ts'
import type { Journal } from './journal.ts'

export interface SweepOptions {
  readonly clock: Clock
  readonly log: Log
  readonly store: CommandStore
  readonly book: CommandBook
  readonly journal: Journal
  readonly retention: RetentionLimits
}

/** An agent that has a command and says nothing for so long after it must have ended will not say anything any more. */
const lostAfterMs = 86_400_000

/** Ends what has waited for too long. Resolves when that is durable. */
export async function endOverdue(options: SweepOptions): Promise<void> {
  const nowMs = options.clock.now()
  const ends: Promise<void>[] = []
  for (const command of options.book.all()) {
    if (command.ending) continue
    const { state, expiresMs, deadlineMs, deliveredMs } = command
    if (state === 'queued' || state === 'held') {
      if (expiresMs <= nowMs) ends.push(end(options, command, 'expired', progressFact(command, 'expired')))
    } else if (Math.max(expiresMs, deliveredMs ?? 0) + deadlineMs + lostAfterMs <= nowMs) {
      ends.push(end(options, command, 'unknown', lostFact(command)))
    }
  }
  await Promise.all(ends)
}

async function end(
  { clock, log, store, book, journal }: SweepOptions,
  command: LiveCommand,
  state: 'expired' | 'unknown',
  fact: AuditFact,
): Promise<void> {
  command.ending = true
  try {
    const ended = { ...command, state, finishedMs: clock.now() }
    await journal.add({
      facts: [fact],
      write: () => store.update({ ...ended, version: book.nextVersion() }),
    })
    book.remove(command)
    book.announce(command.id)
  } catch (error) {
    // The next sweep tries again.
    command.ending = false
    log.error({ command: command.id, error: messageOf(error) }, `commands: "${state}" could not be stored`)
  }
}

/** Forgets the oldest finished commands; their traces in the audit stay. */
export function forgetOldest({ clock, log, store, retention }: SweepOptions): void {
  try {
    const forgotten = store.trim(retention, clock.now())
    if (forgotten > 0) log.info({ forgotten }, 'commands: the oldest were removed')
  } catch (error) {
    log.error({ error: messageOf(error) }, 'commands: the oldest could not be removed')
  }
}
