import type { BackupProblem } from '../../common/backup/backup-problem.ts'
import { PgherdError } from '../../common/errors.ts'

/** Backup work that failed, with the class of its reason. */
export class BackupFailure extends PgherdError {
  readonly problem: BackupProblem

  /** @param message - one sentence for a person, without secrets */
  constructor(
    problem: BackupProblem,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super('COMMAND_FAILED', message, options)
    this.problem = problem
  }
}
