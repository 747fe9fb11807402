import type { DatabaseSync } from 'node:sqlite'

/**
 * Does everything or nothing of it. No transaction may be open.
 * @throws whatever `run` throws, or SQLite's error when it cannot be begun or committed
 */
export function inTransaction<T>(database: DatabaseSync, run: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
