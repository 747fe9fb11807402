import { expect, test } from 'vitest'
import { findPostgres, startPostgres, startStandby } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openToldSchemas, watchSchemas } from './told-schemas.ts'

const patient = { timeoutMs: 30_000 }

test.skipIf((await findPostgres(18)) === undefined)(
  'a standby tells nothing, and after a failover the history goes on with what has changed and nothing else',
  async () => {
    await using primary = await startPostgres()
    await primary.query(`
      create schema app; create table app.kept (a int primary key); create table app.renamed (a int);
      create function app.f() returns int language sql as 'select 1'`)
    using told = openToldSchemas()
    const speakers: string[] = []
    const from = {
      history: told.history,
      take: (server: string, body: unknown) => {
        speakers.push(server)
        told.take(server, body)
      },
    }
    await using watching = new AsyncDisposableStack()
    watching.use(await watchSchemas(primary, from))
    await using standby = await startStandby(primary, { name: 'pg-test-2' })
    watching.use(await watchSchemas(standby, from, { server: 'pg-test-2', isStandby: true }))
    await primary.query('create table app.before (a int)')
    await waitFor('the table', () => told.lines().includes('table app.before created'), patient)
    await waitFor('the standby to have it', async () => {
      const rows = await standby.query(`select to_regclass('app.before') is not null as there`)
      return rows[0]?.['there'] === true
    })
    expect(new Set(speakers)).toEqual(new Set(['pg-test-1']))

    await primary.stop('immediate')
    await standby.query('select pg_promote()')
    await standby.query('alter table app.renamed rename to after; drop table app.before; create role fresh')
    await waitFor('the new primary', () => told.lines().includes('table app.before dropped'), {
      ...patient,
      explain: () => told.lines().join('\n'),
    })
    await waitFor('the role', () => told.lines().includes('role fresh created'), patient)
    expect(told.lines().toSorted()).toEqual([
      'role fresh created',
      'table app.after renamed',
      'table app.before created',
      'table app.before dropped',
    ])
    expect(told.changes().at(-1)?.server).toBe('pg-test-2')
  },
)
