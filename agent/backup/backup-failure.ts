import type { BackupProblem } from '../../common/backup/backup-problem.ts'
import { PgherdError } from '../../common/errors.ts'

/** Backup work that failed, with the class of its reason. */
export class BackupFailure extends PgherdError {
  readonly problem: BackupProblem
  /** It would end the same way again, although others of its class may pass. */
  readonly isFinal: boolean

  /** @param message - one sentence for a person, without secrets */
  constructor(
    problem: BackupProblem,
    message: string,
    options: { cause?: unknown; details?: Readonly<Record<string, unknown>>; isFinal?: boolean } = {},
  ) {
    super('COMMAND_FAILED', message, options)
    this.problem = problem
    this.isFinal = options.isFinal === true
  }
}
