import { test } from 'vitest'
import { findPostgres, postgresMajors } from '../../testbed/postgres.ts'
import { expectWholeReports } from '../agent/health/whole-reports.ts'

test.each(postgresMajors)('PostgreSQL %i tells its whole health', async (major) => {
  if ((await findPostgres(major)) === undefined) throw new Error(`PostgreSQL ${major} is not installed`)
  await expectWholeReports(major)
})
