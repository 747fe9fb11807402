import type { BackupProblem } from '../../../common/backup/backup-problem.ts'
import { BackupFailure } from '../backup-failure.ts'
import { endedEarly } from './recovery-end.ts'
import type { RecoveryAsked } from './recovery-end.ts'
import type { RecoveryLog } from './recovery-log.ts'

/** What a server says before it ends, and whose problem it is. */
const meanings: readonly (readonly [RegExp, BackupProblem, string])[] = [
  [
    /requested recovery stop point is before consistent recovery point/,
    'target-unreachable',
    'the target lies before the end of the backup, so an earlier backup is needed',
  ],
  [
    /recovery target timeline \d+ does not exist|is not a child of this server's history/,
    'target-unreachable',
    'the timeline that was asked for does not lead there from this backup',
  ],
  [
    /WAL ends before (end of online backup|consistent recovery point)/,
    'archive-gap',
    'the log ends before the backup is consistent, so that it cannot be used at all',
  ],
  [
    /could not (locate|find) (a valid checkpoint|required checkpoint|redo location|the checkpoint|checkpoint record)/,
    'archive-missing',
    'the log that the backup begins with is not in the archive',
  ],
  [
    /contains errors|invalid value for parameter|could not (load library|access file)/,
    'configuration',
    'the server does not take the configuration that was restored',
  ],
  [
    /No space left on device|Disk quota exceeded/,
    'scratch-full',
    'the disk of the scratch directory is full',
  ],
  [/page verification failed|invalid page/, 'checksum', 'a page fails its checksum'],
  [
    /database files are incompatible with server|not compatible with this version/,
    'version-mismatch',
    'the programs do not fit the data directory',
  ],
]

/**
 * The failure of a server that ended before its recovery was over.
 * @param ending how: `status 1`
 */
export function recoveryFailure(asked: RecoveryAsked, log: RecoveryLog, ending: string): BackupFailure {
  const said = log.fatal.join('; ')
  // Of PostgreSQL since 13.
  if (/recovery ended before configured recovery target was reached/.test(said)) {
    return endedEarly(asked, log, 'the end of the log that could be had')
  }
  const known = meanings.find(([pattern]) => pattern.test(said))
  const text = said === '' ? (log.archiveError ?? 'it said nothing') : said
  if (known === undefined) return new BackupFailure('other', `the restored server ended (${ending}): ${text}`)
  return new BackupFailure(known[1], `${known[2]}: ${text}`)
}
