import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import type { BackupOperation, BackupRun } from '../../../common/backup/backup-run.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { BackupEngine, EngineRun } from '../engine.ts'
import type { Leftover } from './run-journal.ts'
import { isBackup } from './slot.ts'

/** What a run came to, for its record. */
export type WorkDone = Pick<
  BackupRun,
  'message' | 'label' | 'repository' | 'sizeBytes' | 'storedBytes' | 'recoveryMs'
> & {
  /** It ended, and what it found is wrong. */
  readonly problem: BackupProblem | null
}

export interface WorkOptions extends EngineRun {
  /** To be awaited before what would be left behind is made. */
  note(left: Leftover): Promise<void>
}

/** One operation, done once. @throws BackupFailure */
export type Work = (options: WorkOptions) => Promise<WorkDone>

export const nothingDone: Omit<WorkDone, 'message' | 'problem'> = {
  label: null,
  repository: null,
  sizeBytes: null,
  storedBytes: null,
  recoveryMs: null,
}

/**
 * @param drill - restores the newest backup and looks at it; see drill/
 * @param mayPrepare - a repository that has never had a backup may get its stanza; one that had some may only not be mounted
 */
export function workOf(
  operation: Exclude<BackupOperation, 'restore'>,
  engine: BackupEngine,
  drill: Work,
  mayPrepare: boolean,
): Work {
  if (operation === 'drill') return drill
  if (isBackup(operation)) {
    return async (options) => {
      const { errors, ...made } = await engine.backup(operation, options).catch(async (error: unknown) => {
        const isNew = error instanceof BackupFailure && error.problem === 'stanza-missing' && mayPrepare
        if (!isNew) throw error
        await engine.prepare(options)
        return engine.backup(operation, options)
      })
      const size = `${mebibytes(made.sizeBytes)} MiB, ${mebibytes(made.storedBytes)} MiB more in repository ${made.repository}`
      return {
        ...nothingDone,
        ...made,
        problem: errors.length === 0 ? null : 'checksum',
        message:
          errors.length === 0
            ? `Backup ${made.label}: ${size}.`
            : `Backup ${made.label} was made of pages that fail their checksum: ${errors.slice(0, 5).join('; ')}`,
      }
    }
  }
  if (operation === 'verify') {
    return async (options) => {
      const { problems, summary } = await engine.verify(options)
      const told = problems.slice(0, 10).map(({ text }) => text)
      const message = told.length === 0 ? `All is well: ${summary}` : `${told.join('; ')} (${summary})`
      const repository = options.repository ?? null
      return { ...nothingDone, repository, message, problem: problems[0]?.problem ?? null }
    }
  }
  return async (options) => {
    const gone = await engine.expire({ ...options, isDryRun: false })
    const message = gone.length === 0 ? 'Nothing is older than the retention.' : `Deleted ${gone.join(', ')}.`
    return { ...nothingDone, message, problem: null }
  }
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
