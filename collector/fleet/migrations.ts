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
  // Who may read, write and command. Hashes are SHA-256; no secret is kept.
  `CREATE TABLE tokens (
     id            TEXT    PRIMARY KEY,
     name          TEXT    NOT NULL,
     role          TEXT    NOT NULL,
     hash          BLOB    NOT NULL,
     created_ms    INTEGER NOT NULL,
     created_by    TEXT    NOT NULL,
     expires_ms    INTEGER,
     last_used_ms  INTEGER,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE join_tokens (
     id            TEXT    PRIMARY KEY,
     node          TEXT    NOT NULL,
     hash          BLOB    NOT NULL,
     created_by    TEXT    NOT NULL,
     expires_ms    INTEGER NOT NULL,
     key_hash      BLOB,
     certificate   TEXT,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE certificates (
     serial        TEXT    PRIMARY KEY,
     node          TEXT    NOT NULL,
     not_after_ms  INTEGER NOT NULL,
     revoked_ms    INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX certificates_by_node ON certificates (node)`,
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
