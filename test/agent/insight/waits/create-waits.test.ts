import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWaits } from '../../../../agent/insight/waits/create-waits.ts'
import type { WaitsPart } from '../../../../agent/insight/waits/create-waits.ts'
import type { LentConnection } from '../../../../agent/insight/insight-server.ts'
import type { ResultTable, Statement } from '../../../../agent/postgres/result-table.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { createHeardLog } from '../../neighbours/probing.ts'
import { createManualClock } from '../../../manual-clock.ts'

type Session = readonly [
  pid: number,
  database: number | null,
  role: number | null,
  application: string,
  type: string | null,
  event: string | null,
  query: string | null,
  age: number,
]

/** A server whose sessions a test says, and what it was asked. */
function made() {
  const directory = mkdtempSync(join(tmpdir(), 'waits-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const clock = createManualClock(1_000_000)
  const log = createHeardLog()
  const asked: string[] = []
  const state = {
    sessions: [] as readonly Session[],
    total: undefined as number | undefined,
    locks: [] as readonly (readonly [pid: number, database: number, relation: number])[],
    failure: undefined as PgherdError | undefined,
    isConnected: true,
  }
  const answer = (statement: Statement): readonly (readonly (string | null)[])[] => {
    asked.push(statement.name ?? statement.text)
    if (state.failure !== undefined) throw state.failure
    switch (statement.name) {
      case 'pgherd_waits':
        return [
          [String(clock.now()), String(state.total ?? state.sessions.length), JSON.stringify(state.sessions)],
        ]
      case 'pgherd_waits_names':
        return [
          ['d', '5', 'shop'],
          ['r', '10', 'web'],
          ['r', '11', null],
        ]
      case 'pgherd_waits_locks':
        return state.locks.map((row) => row.map(String))
      default:
        return statement.text.includes('pg_class') ? [['77', 'orders']] : [['180004']]
    }
  }
  const connection: LentConnection = {
    query: (statement): Promise<ResultTable> =>
      Promise.resolve({ columns: [], notices: [], elapsedMs: 0, rows: answer(statement) }),
  }
  const part: WaitsPart = createWaits(
    {
      ...{ server: 'pg-1', cluster: 'pg', directory, clock, log },
      lend: () => (state.isConnected ? connection : undefined),
      visit: (_database, work) => work(connection),
      databases: () => Promise.resolve([]),
      tell: () => undefined,
    },
    { random: () => 0.5 },
  )
  /** What a store would have: the last value of each series. */
  const told = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      part
        .tables()
        .flatMap(({ metrics, rows }) =>
          rows.flatMap(({ labels, values }) =>
            metrics.map((metric, i) => [[metric, ...labels].join(' '), values[i]!]),
          ),
        ),
    )
  const look = async (afterMs: number): Promise<void> => {
    await clock.advance(afterMs)
    await part.look()
  }
  const seconds = 'pgherd_ash_seconds_total'
  return { part, state, clock, log, asked, told, look, seconds }
}

const working: Session = [1, 5, 10, 'app', null, null, '42', 3]

test('each session counts for the time since the look before, late ones for more', async () => {
  const { state, look, told, seconds } = made()
  state.sessions = [working, [2, 5, 11, 'app', 'IO', 'DataFileRead', null, 1]]
  for (const afterMs of [0, 1_000, 1_500, 900, 4_000]) await look(afterMs)
  told()
  expect(told()).toEqual({
    [`${seconds} shop 42 web CPU CPU`]: 8.4,
    [`${seconds} shop  11 DataFileRead IO`]: 8.4,
    'pgherd_ash_application_seconds_total app': 16.8,
    pgherd_ash_samples_total: 5,
    pgherd_ash_sampled_seconds_total: 8.4,
    pgherd_ash_gap_seconds_total: 0,
  })
})

test('of a longer pause nothing is known, and it is counted as one', async () => {
  const { state, look, told, seconds } = made()
  state.sessions = [working]
  await look(0)
  state.isConnected = false
  await look(1_000)
  await look(58_000)
  state.isConnected = true
  await look(1_000)
  told()
  expect(told()).toMatchObject({
    [`${seconds} shop 42 web CPU CPU`]: 2,
    pgherd_ash_sampled_seconds_total: 2,
    pgherd_ash_gap_seconds_total: 59,
  })
})

test('of very many the drawn ones stand for all', async () => {
  const { state, look, told, seconds } = made()
  state.sessions = [working, working]
  state.total = 500
  await look(0)
  told()
  expect(told()).toMatchObject({ [`${seconds} shop 42 web CPU CPU`]: 500 })
})

test('whose lock is waited for is asked once per wait, and not while nobody waits', async () => {
  const { state, look, told, asked, part, clock } = made()
  const waiting = (age: number): Session => [3, 5, 10, 'app', 'Lock', 'transactionid', '43', age]
  const stop = new AbortController()
  const running = part.run(stop.signal)
  state.sessions = [working]
  await look(1_000)
  expect(asked.filter((name) => name === 'pgherd_waits_locks')).toHaveLength(0)
  state.locks = [[3, 5, 77]]
  state.sessions = [working, waiting(0)]
  await look(1_000)
  state.sessions = [working, waiting(1)]
  await look(1_000)
  expect(asked.filter((name) => name === 'pgherd_waits_locks')).toHaveLength(1)
  // The same statement begun anew is another wait.
  state.sessions = [working, waiting(0)]
  await look(1_000)
  expect(asked.filter((name) => name === 'pgherd_waits_locks')).toHaveLength(2)
  await clock.advance(10_000)
  stop.abort()
  await running
  told()
  const orders = told()['pgherd_ash_table_seconds_total shop orders transactionid']
  expect(orders).toBeGreaterThan(10)
  expect(orders).toBeLessThanOrEqual(14)
})

test('what cannot be looked at is counted and said once', async () => {
  const { state, look, log, part } = made()
  state.failure = new PgherdError('TIMED_OUT', 'the server is silent')
  await look(0)
  await look(1_000)
  expect(log.heard).toEqual(['warn insight: waits could not be looked at: the server is silent'])
  state.failure = undefined
  await look(1_000)
  const read = part.figures?.find(({ name }) => name === 'pgherd_ash_failures_total')?.read()
  expect(read).toEqual({ 'pg-1': 2 })
})

test('it looks each second until it is to stop, and writes down what it saw', async () => {
  const { state, part, clock } = made()
  state.sessions = [working]
  const stop = new AbortController()
  const running = part.run(stop.signal)
  await clock.advance(60_000)
  stop.abort()
  await running
  const kept = await part.ring.read(0)
  expect(kept).toHaveLength(61)
  expect(kept[7]).toEqual([1_007_000, 1, 1, [[1, 'shop', 'web', 'app', 'CPU', 'CPU', '42', 3, '']]])
})

test('what has not changed is the very same', async () => {
  const { state, part, look } = made()
  state.sessions = [working, working]
  await look(0)
  part.tables()
  part.tables()
  state.sessions = []
  await look(1_000)
  const [first] = part.tables()
  await look(1_000)
  const [second, , , about] = part.tables()
  expect(second).toBe(first)
  expect(about?.rows[0]?.values).toEqual([3, 3, 0])
  expect(part.tables()).toBe(part.tables())
})
