import { DatabaseSync } from 'node:sqlite'
import { onTestFinished } from 'vitest'
import { migrate } from '../../../../collector/fleet/migrations.ts'

/** An empty state of a fleet in memory; it ends with the test. */
export function fleetDatabase(): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  migrate(database, ':memory:')
  onTestFinished(() => database.close())
  return database
}
