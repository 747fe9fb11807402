import type { DatabaseSync } from 'node:sqlite'
import { PgherdError } from '../../common/errors.ts'

/**
 * The schema, one step per release that changed it. A step that was ever released is never edited; the
 * database's user_version says how many it has had.
 */
const steps: readonly string[] = [
  `CREATE TABLE nodes (
     node          TEXT    PRIMARY KEY,
     cluster       TEXT    NOT NULL,
     ip            TEXT    NOT NULL,
     version       TEXT    NOT NULL,
     first_seen_ms INTEGER NOT NULL,
     last_seen_ms  INTEGER NOT NULL,
     clock_skew_ms INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID`,
]

/**
 * Brings a database to the newest schema, each step in a transaction of its own.
 * @throws PgherdError DIRECTORY_UNUSABLE when a newer release has written it
 */
export function migrate(database: DatabaseSync, path: string): void {
  const done = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (done > steps.length) {
    throw new PgherdError(
      'DIRECTORY_UNUSABLE',
      `${path} has schema ${done}, this release knows ${steps.length}: start the newer release that wrote it`,
    )
  }
  for (const [i, step] of steps.entries()) {
    if (i < done) continue
    database.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${i + 1}; COMMIT`)
  }
}
