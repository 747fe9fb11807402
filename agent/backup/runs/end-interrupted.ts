import type { BackupRun } from '../../../common/backup/backup-run.ts'
import type { Clock } from '../../../common/clock.ts'
import { messageOf } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import { endProcess } from './end-leftovers.ts'
import type { RunJournal } from './run-journal.ts'

/**
 * Ends and clears away what runs left behind whose agent was killed, and records how they ended. To be called before any other run
 * begins. What cannot be cleared away is told in the record; nothing of it rejects.
 * @param cleanScratch - removes a scratch directory and what runs in it; half a sentence for the record
 */
export async function endInterrupted(
  journal: RunJournal,
  options: {
    readonly clock: Clock
    readonly log: Log
    readonly cleanScratch: (directory: string) => Promise<string | undefined>
  },
): Promise<readonly BackupRun[]> {
  const { clock, log, cleanScratch } = options
  const ended: BackupRun[] = []
  for (const { run, leftovers } of journal.interrupted) {
    const told = ['the agent ended while it ran']
    // Processes first: they write into the directories.
    for (const left of leftovers.toSorted((a, b) => a.kind.localeCompare(b.kind))) {
      try {
        const text =
          left.kind === 'process' ? await endProcess(left, clock) : await cleanScratch(left.directory)
        if (text !== undefined) told.push(text)
      } catch (error) {
        told.push(`what is left of it cannot be cleared away: ${messageOf(error)}`)
      }
    }
    const message = told.join('; ')
    const record: BackupRun = { ...run, outcome: 'interrupted', finishedMs: clock.now(), message }
    log.error({ run: run.id, operation: run.operation }, `backup: ${run.operation}: ${message}`)
    await journal.put(record).catch((error: unknown) => {
      log.error({ run: run.id }, `backup: that cannot be written down: ${messageOf(error)}`)
    })
    ended.push(record)
  }
  return ended
}
