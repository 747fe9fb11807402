import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { observeServer } from '../../../../agent/tuning/observe/observe-server.ts'
import { readObservedServer } from '../../../../agent/tuning/observe/observed-server.ts'
import { activity } from '../../../../agent/tuning/observe/views/activity.ts'
import { views } from '../../../../agent/tuning/observe/views.ts'
import type { ResultTable, Statement } from '../../../../agent/postgres/result-table.ts'
import { systemClock } from '../../../../common/clock.ts'
import { findPostgres, postgresMajors, startStandby } from '../../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../../testbed/postgres.ts'
import { openForTest } from '../../actions/action-context.ts'
import { observed, startObserved } from '../observed-server.ts'
import type { ObservedTestServer } from '../observed-server.ts'

/** Those that are tuned, and the oldest that is looked at. */
const majors = [10, ...postgresMajors] as const
const known = await Promise.all(
  majors.map(async (major) => ({ major, isInstalled: (await findPostgres(major)) !== undefined })),
)
const newest = Math.max(...postgresMajors)

/** What a role of pg_monitor gets, and which columns it was given. */
async function look({ session }: ObservedTestServer) {
  const facts = await readObservedServer(session, 5_000)
  const failures: string[] = []
  const columns = new Set<string>()
  const asking = {
    async read(statement: Statement, timeoutMs: number): Promise<ResultTable> {
      const answer = await session.read(statement, timeoutMs)
      const view = views.find((one) => one.statement(facts) === statement.text)
      if (view !== undefined) for (const { name } of answer.columns) columns.add(`${view.name}.${name}`)
      return answer
    },
  }
  const observation = await observeServer(asking, facts, views, {
    clock: systemClock,
    onFailure: ({ name }, { message }) => void failures.push(`${name}: ${message}`),
  })
  return { facts, failures, columns, observation }
}

const declared = views.flatMap(({ name, counters, gauges }) =>
  [...counters, ...gauges].map((column) => `${name}.${column}`),
)

test('no name stands for two numbers', () => {
  expect(new Set(declared).size).toBe(declared.length)
})

describe.each(known)('PostgreSQL $major', ({ major, isInstalled }) => {
  const majorsWith = (has: boolean): readonly number[] => (has ? [major] : [])
  describe.skipIf(!isInstalled)('installed', () => {
    let primary: ObservedTestServer
    beforeAll(async () => {
      primary = await startObserved({ major })
    })
    afterAll(() => primary[Symbol.asyncDispose]())

    test('a role of pg_monitor reads every view, and every column has its kind', async () => {
      const { failures, columns } = await look(primary)
      expect(failures).toEqual([])
      expect([...columns].filter((name) => !declared.includes(name))).toEqual([])
    })

    test('a role without rights gets what everybody may see, and no zeros for the rest', async () => {
      await primary.server.query('create role stranger login')
      const session = await openForTest(primary.server.url('postgres', 'stranger'))()
      const { observation } = await look({ ...primary, session })
      expect(observation.counters.has('database.xact_commit')).toBe(true)
      expect([...observation.gauges.keys()].filter((name) => name.startsWith('activity.'))).toEqual([])
    })

    // The newest has everything; what changes between the others are single columns.
    test.for(majorsWith(major === newest || major === Math.min(...postgresMajors)))(
      'a standby has its views too',
      async () => {
        const server: PostgresServer = await startStandby(primary.server)
        await using standby = await observed(server)
        const { failures, observation } = await look(standby)
        expect(failures).toEqual([])
        expect(observation.inRecovery).toBe(true)
      },
    )

    test.for(majorsWith(major >= 17))('sessions wait for what the view counts', async () => {
      const { facts } = await look(primary)
      const text = activity.statement(facts) ?? ''
      const counted = [...text.matchAll(/\bevent (?:=|in) \(?('[a-z', ]+')/g)].flatMap(([, names]) =>
        [...(names ?? '').matchAll(/[a-z]+/g)].map(([name]) => name),
      )
      const rows = await primary.server.query('select lower(name) as name from pg_wait_events')
      const events = new Set(rows.map(({ name }) => String(name)))
      expect(counted.length).toBeGreaterThan(5)
      expect(counted.filter((name) => !events.has(name))).toEqual([])
    })

    test.for(majorsWith(major === newest))('each number that is declared exists in the newest', async () => {
      const { facts, columns } = await look(primary)
      const asked = views.filter((view) => view.statement(facts) !== undefined).map(({ name }) => `${name}.`)
      const missing = declared.filter(
        (name) => !columns.has(name) && asked.some((one) => name.startsWith(one)),
      )
      expect(missing).toEqual([])
    })
  })
})
