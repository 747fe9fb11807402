import { describe, expect, test } from 'vitest'
import { startStandby } from '../../../testbed/postgres.ts'
import type { PostgresServer } from '../../../testbed/postgres.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { startObserved } from '../../agent/tuning/observed-server.ts'
import { adviceIn, filled, quiet, run, sessionOf } from './vacuum-bed.ts'

/**
 * Somebody who holds the horizon on a real server, and all rules asked: he is named, and no setting of vacuum is proposed. That he has done so for
 * an hour, or for 50 million transactions, is left to the unit tests; here it is what he keeps of a table.
 */

/** Rows of a table that autovacuum has looked at twice, and could not remove. */
async function untilKept(server: PostgresServer, table: string): Promise<void> {
  await waitFor(`autovacuum to leave the dead rows of ${table}`, async () => {
    const [row] = await server.query(
      `select n_dead_tup as dead, autovacuum_count as count from pg_stat_user_tables where relname = $1`,
      [table],
    )
    return Number(row?.['count']) > 1 && Number(row?.['dead']) >= 50_000
  })
}

describe('V0: while somebody holds the horizon, he is named and no setting of vacuum is proposed', () => {
  test.each([14, 18] as const)(
    'a session in a repeatable-read transaction (PostgreSQL %i)',
    async (major) => {
      await using observed = await startObserved({ major, settings: quiet })
      const { server } = observed
      await run(server, ...filled('orders', 100_000))
      await using readers = new AsyncDisposableStack()
      readers.use(
        await sessionOf(
          server,
          `set application_name = 'report'`,
          'begin isolation level repeatable read',
          'select count(*) from orders',
        ),
      )
      const { ids, findings } = await adviceIn(observed, async () => {
        await run(server, 'update orders set b = b + 1')
        await untilKept(server, 'orders')
      })
      expect(ids).toEqual(['V0'])
      expect(findings.get('V0')).toMatchObject({
        drafts: [],
        notes: [
          expect.stringMatching(
            /^session \d+ \(postgres in postgres, idle in transaction, report\) has VACUUM keep dead rows of \d+ transactions and \d+ seconds?; it has to end its transaction/,
          ),
        ],
      })
    },
  )

  test('a slot that nobody reads any more', async () => {
    await using observed = await startObserved({ major: 18, settings: quiet })
    const { server } = observed
    await run(server, ...filled('orders', 100_000))
    {
      await using standby = await startStandby(server, {
        name: 'gone',
        settings: { hot_standby_feedback: 'on' },
      })
      await using readers = new AsyncDisposableStack()
      readers.use(
        await sessionOf(standby, 'begin isolation level repeatable read', 'select count(*) from pg_class'),
      )
      await waitFor('the slot to keep rows', async () => {
        const rows = await server.query('select from pg_replication_slots where xmin is not null')
        return rows.length > 0
      })
    }
    const { ids, findings } = await adviceIn(observed, async () => {
      await run(server, 'update orders set b = b + 1')
      await untilKept(server, 'orders')
    })
    expect(ids).toEqual(['V0'])
    expect(findings.get('V0')).toMatchObject({
      drafts: [],
      notes: [
        expect.stringMatching(
          /^slot gone \(nobody reads it\) has VACUUM keep dead rows of \d+ transactions; /,
        ),
      ],
    })
  })

  test('a prepared transaction', async () => {
    await using observed = await startObserved({
      major: 16,
      settings: { ...quiet, max_prepared_transactions: '5' },
    })
    const { server } = observed
    await run(server, ...filled('orders', 100_000), 'create table others (a int)')
    await (
      await sessionOf(server, 'begin', 'insert into others values (1)', `prepare transaction 'forgotten'`)
    )[Symbol.asyncDispose]()
    const { ids, findings } = await adviceIn(observed, async () => {
      await run(server, 'update orders set b = b + 1')
      await untilKept(server, 'orders')
    })
    expect(ids).toEqual(['V0'])
    expect(findings.get('V0')).toMatchObject({
      drafts: [],
      notes: [
        expect.stringMatching(
          /^prepared transaction 'forgotten' \(postgres in postgres\) has VACUUM keep dead rows/,
        ),
      ],
    })
  })
})
