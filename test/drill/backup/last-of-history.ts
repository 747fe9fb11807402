import { waitFor } from '../../../testbed/wait.ts'
import { cluster } from './backup-herd.ts'
import type { BackupHerd } from './backup-herd.ts'

/** The last line of the history, once it is of such a run that has ended: a command may be answered a moment before the run is told. */
export function lastOfHistory(herd: BackupHerd, operation: string): Promise<string> {
  let seen = ''
  return waitFor(
    `the ${operation} is in the history`,
    async () => {
      seen = (await herd.succeed('backup', 'history', cluster)).trimEnd().split('\n').at(-1) ?? ''
      return seen.includes(` ${operation} `) && !seen.includes(' running ') ? seen : undefined
    },
    { explain: () => seen },
  )
}
