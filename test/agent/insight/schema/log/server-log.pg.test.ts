import { expect, test } from 'vitest'
import { findPostgres, startPostgres } from '../../../../../testbed/postgres.ts'
import type { PostgresMajor } from '../../../../../testbed/postgres.ts'
import { withClient } from '../../../../../testbed/postgres-client.ts'
import { waitFor } from '../../../../../testbed/wait.ts'
import { openToldSchemas, watchSchemas } from '../told-schemas.ts'

const cases: readonly (readonly [PostgresMajor, string, Readonly<Record<string, string>>])[] = [
  [14, 'csvlog', { log_statement: 'ddl' }],
  [14, 'stderr', { log_statement: 'ddl', log_line_prefix: '%m [%p] %q%u@%d %a ' }],
  [18, 'jsonlog', { log_min_duration_statement: '0', log_timezone: 'Asia/Kolkata' }],
]

test.each(cases)(
  'PostgreSQL %i, %s: who changed something is known by the log',
  async (major, format, more) => {
    if ((await findPostgres(major)) === undefined) return
    await using postgres = await startPostgres({
      major,
      settings: { logging_collector: 'on', log_destination: format, ...more },
    })
    await postgres.query('create role clerk login superuser')
    const clerk = { host: '127.0.0.1', port: postgres.port, user: 'clerk' }
    using told = openToldSchemas()
    await using watched = await watchSchemas(postgres, told)
    const find = (object: string) => told.changes().filter((change) => change.object === object)
    const isTold = async (object: string, change: string) =>
      waitFor(`${object} to be ${change}`, () => find(object).some((one) => one.change === change), {
        timeoutMs: 25_000,
        explain: () => told.lines().join('\n'),
      })

    const fast = async () => {
      await withClient(clerk, async (client) => {
        await client.query('begin')
        await client.query('create table undone (id int)')
        await client.query('rollback')
        await client.query('create table quick (\n id int primary key,\n note text default $$hidden-1$$)')
      })
      await withClient(clerk, (client) => client.query(`create role teller login password 'very-secret-1'`))
      await withClient(clerk, (client) =>
        client.query(`alter role teller valid until '2040-01-01' password 'very-secret-2'`),
      )
    }
    // Nothing samples what sessions do meanwhile, so that only the log can know.
    await watched.restart({ meanwhile: fast })
    await isTold('public.quick', 'created')
    await isTold('teller', 'created')

    const [table] = find('public.quick')
    expect(table).toMatchObject({ actor: 'clerk', seenBy: ['catalogue', 'log'] })
    expect(table?.statement).toMatch(/^create table quick \( id int primary key, note text default \?/)
    expect(find('quick_pkey on public.quick')).toMatchObject([{ actor: 'clerk' }])
    expect(find('teller')).toMatchObject([{ actor: 'clerk', seenBy: ['catalogue', 'log'] }])

    await watched.restart({
      meanwhile: async () => {
        await withClient(clerk, (client) => client.query('drop table quick'))
      },
    })
    await isTold('public.quick', 'dropped')
    expect(find('public.quick').at(-1)).toMatchObject({ actor: 'clerk', statement: 'drop table quick' })
    expect(told.lines().join()).not.toContain('undone')
    expect(told.bodies.join()).not.toMatch(/very-secret|hidden-1|SCRAM/)
  },
  90_000,
)
