import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import type { ArchivingPostgres } from '../../../../testbed/backup/pgbackrest.ts'
import { drillBed, failureOf } from './drill-bed.ts'
import type { DrillBed } from './drill-bed.ts'
import { pgBackRestEngine } from './pgbackrest-engine.ts'

describe('a restore drill with the real pgBackRest', () => {
  let bed: ArchivingPostgres
  let drills: DrillBed

  beforeAll(async () => {
    bed = await startArchivingPostgres()
    await bed.postgres.query('create table accounts as select g as id from generate_series(1, 1000) g')
    await bed.postgres.query('analyze accounts')
    await bed.backup('full')
    await bed.postgres.query('insert into accounts values (1001)')
    await bed.archive()
    drills = drillBed(pgBackRestEngine(bed), bed.postgres)
  })
  afterAll(async () => {
    drills[Symbol.dispose]()
    await bed[Symbol.asyncDispose]()
  })

  test('brings back the last commit, is measured, looks at everything, and leaves nothing', async () => {
    const sql = 'select max(id) = 1001 from public.accounts'
    const done = await drills.run(
      { amcheck: true, queries: [{ database: 'postgres', what: 'new accounts', sql }] },
      { binDirectory: '/usr/lib/postgresql/15/bin' },
    )

    expect(done, done.message).toMatchObject({ problem: null, repository: 1 })
    expect(done.message).toMatch(
      /restored in \d+\.\d s and replayed in .* to the commit of .* 2 databases with 1 tables and about 1000 rows can be read, 1 of the policy's queries are true, pg_amcheck finds nothing/,
    )
    expect(done.recoveryMs).toBeGreaterThan(0)
    expect(drills.told.at(-1)).toMatchObject({ cluster: 'pg-main', problem: null, databases: 2, tables: 1 })
    expect(drills.noted).toMatchObject([{ kind: 'scratch' }])
    expect(drills.left()).toEqual([])
  })

  test('does not start on a busy host', async () => {
    const heldBack = () => Promise.resolve('the load of each processor is 9, above 4')

    expect(await failureOf(drills.run({}, { heldBack }))).toMatchObject({
      problem: 'held-back',
      message: 'the drill does not start: the load of each processor is 9, above 4',
    })
  })

  test('does not start without the space that it would take', async () => {
    const spaceOf = () => Promise.resolve({ freeBytes: 100 << 20, totalBytes: 1 << 30 })

    const failure = await failureOf(drills.run({ keepFreePercent: 10 }, { spaceOf }))

    expect(failure).toMatchObject({ problem: 'scratch-full' })
    expect(failure.message).toMatch(/100\.0 MiB free; .* 102\.4 MiB \(10 %\) are to stay free/)
    expect(drills.noted).toHaveLength(1)
  })

  test('ends, and removes everything, when the disk becomes full meanwhile', async () => {
    let looks = 0
    const spaceOf = () =>
      Promise.resolve({ freeBytes: looks++ < 2 ? 1 << 30 : 10 << 20, totalBytes: 1 << 30 })
    // Nor does it need the server that was backed up.
    const live = () => Promise.reject(new Error('it is down'))

    expect(await failureOf(drills.run({ keepFreePercent: 5 }, { spaceOf, live }))).toMatchObject({
      problem: 'scratch-full',
    })
    expect(drills.told.at(-1)).toMatchObject({ problem: 'scratch-full' })
    expect(drills.left()).toEqual([])
  })
})
