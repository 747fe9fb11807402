import pg from 'pg'
import { expect, test } from 'vitest'
import { sampleActivity } from '../../../../../agent/insight/schema/activity/sample-activity.ts'
import { startPostgres } from '../../../../../testbed/postgres.ts'
import { connectTo } from '../../indexes/looked-at.ts'

const changes = [
  'create table a (x int)',
  '  ALTER TABLE a ADD y int',
  '/* from the deploy */ comment on table a is null',
  '-- step 7\ndrop table if exists nothing',
  'begin; create table b (x int); commit',
  'vacuum (full) a',
  'do $$ begin end $$',
]
const others = [
  'select 1',
  'commit',
  'vacuum a',
  `select 'create table'`,
  'with x as (select 1) select * from x',
  'set work_mem = 1024',
]

test('sessions that change a schema are told from those that do not, by their statements', async () => {
  await using postgres = await startPostgres()
  await using stack = new AsyncDisposableStack()
  for (const statement of [...changes, ...others]) {
    const client = new pg.Client({ connectionString: postgres.url() })
    await client.connect()
    stack.defer(() => client.end())
    await client.query(statement)
  }
  using connection = await connectTo(postgres, 'postgres', 'postgres')
  const { sessions, atMs } = await sampleActivity(connection, 0)
  expect(
    sessions
      .filter(({ changesSchema }) => changesSchema)
      .map(({ query }) => query)
      .sort(),
  ).toEqual(changes.toSorted())
  // Idle since before the last look, they are of no interest any more.
  expect((await sampleActivity(connection, atMs)).sessions).toEqual([])
})
