import { expect, test } from 'vitest'
import type { LentConnection } from '../../../../agent/insight/insight-server.ts'
import { readEvidence } from '../../../../agent/insight/watchdog/evidence.ts'
import { readLook } from '../../../../agent/insight/watchdog/read-look.ts'
import { signalStatement } from '../../../../agent/insight/watchdog/signal-statement.ts'
import { allPostgresMajors, startPostgres } from '../../../../testbed/postgres.ts'
import { waitFor } from '../../../../testbed/wait.ts'
import { openForTest } from '../../actions/action-context.ts'
import { madePolicy } from './made-sessions.ts'
import { openRawClient } from './raw-client.ts'

const [rule] = madePolicy(`
rules: [{ name: it, case: idle-in-transaction, after: 1s, harm: none, action: terminate }]`).rules

test.each(allPostgresMajors)(
  'a look, its evidence and its signal are those of PostgreSQL %i',
  async (major) => {
    await using server = await startPostgres({ major, settings: { max_prepared_transactions: '5' } })
    await server.query('create role app login')
    await server.query(`create table things (id int); grant all on things to app`)
    await server.query(`select pg_create_physical_replication_slot('orphan', true)`)
    const holder = await openRawClient(server, 'app')
    await holder.run('begin; insert into things values (7)')
    await server.query(`begin; insert into things values (1); prepare transaction 'forgotten'`)
    const waiter = await openRawClient(server, 'app')
    waiter.query('begin; lock table things in access exclusive mode')
    const session = await openForTest(server.url())()
    const { versionNumber } = session
    const connection: LentConnection = { query: (statement, limitMs) => session.read(statement, limitMs) }
    const look = await waitFor('somebody to wait', async () => {
      const seen = await readLook(connection, {
        ...{ versionNumber, leastMs: 0, withExclusive: true, withLeftovers: true, atMs: 0 },
      })
      return seen.sessions.some(({ blockers }) => blockers.length > 0) ? seen : undefined
    })
    const found = look.sessions.find(({ pid }) => pid === holder.pid)!
    expect(found).toMatchObject({ role: 'app', state: 'idle in transaction', client: '127.0.0.1' })
    const blocked = look.sessions.find(({ pid }) => pid === waiter.pid)
    expect(new Set(blocked?.blockers)).toEqual(new Set([0, holder.pid]))
    expect(look.leftovers?.map(({ name }) => name)).toEqual(['forgotten', 'orphan'])
    expect(look.leftovers?.[0]?.facts['locks']).toBe('1')
    const evidence = await readEvidence(
      (...asked) => connection.query(...asked),
      found,
      [waiter.pid],
      versionNumber,
    )
    expect(evidence).toMatchObject({
      session: { pid: holder.pid, query: 'begin; insert into things values (?)' },
      victims: [{ pid: waiter.pid, mode: 'AccessExclusiveLock' }],
    })
    expect(evidence.locks).toContain('RowExclusiveLock on public.things')
    const signal = signalStatement({ session: found, rule: rule!, step: 'terminate' }, versionNumber)
    const { rows } = await session.change(signal, {
      timeoutMs: 5_000,
      signal: new AbortController().signal,
    })
    expect(rows).toEqual([['true']])
    await waitFor('the holder to be gone', () => holder.isClosed())
  },
)
