import { expect, test } from 'vitest'
import { createStatements } from '../../../../agent/insight/statements/statements.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { silentLog } from '../../../../common/log.ts'
import { createManualClock } from '../../../manual-clock.ts'

/** A part whose server takes a while for each look. */
function partOf(server: { connected: boolean; tookMs: number; fails: boolean }) {
  const clock = createManualClock()
  let looks = 0
  const connection = {
    async query({ text }: { readonly text: string }) {
      const answer = (row: readonly (string | null)[]) => ({
        columns: [],
        rows: [row],
        notices: [],
        elapsedMs: 1,
      })
      if (text.includes('from pg_extension')) {
        return answer(['public', text.includes('pg_stat_monitor') ? null : 't', 'calls,rows', 't', 'f', 't'])
      }
      if (text.includes('from pg_database')) return answer(['5', 'app'])
      looks++
      await clock.sleep(server.tookMs)
      if (server.fails) throw new PgherdError('TIMED_OUT', 'silent')
      return answer(['100', '1', '1', '0', ...Array.from({ length: 17 }, () => '')])
    },
  }
  const part = createStatements(
    {
      ...{ server: 'pg-test-1', cluster: 'pg-test', directory: '', clock, log: silentLog },
      lend: () => (server.connected ? connection : undefined),
      visit: () => Promise.reject(new Error('no database is visited')),
      databases: () => Promise.resolve([]),
      tell: () => undefined,
    },
    { top: 80 },
  )
  return { part, clock, looks: () => looks }
}

test('a look comes every ten seconds, from when there is a connection until the agent stops', async () => {
  const server = { connected: false, tookMs: 20, fails: false }
  const { part, clock, looks } = partOf(server)
  const stopping = new AbortController()
  const running = part.run(stopping.signal)
  await clock.advance(30_000)
  expect(looks()).toBe(0)
  server.connected = true
  await clock.advance(61_500)
  expect(looks()).toBe(7)
  stopping.abort()
  await running
  expect(clock.sleepers).toBe(0)
})

test('a look that takes long is followed by a long pause, and one that fails costs itself', async () => {
  const server = { connected: true, tookMs: 200, fails: false }
  const { part, clock, looks } = partOf(server)
  const stopping = new AbortController()
  const running = part.run(stopping.signal)
  await clock.advance(101_000)
  expect(looks()).toBe(3)
  server.fails = true
  await clock.advance(120_500)
  expect(looks()).toBeGreaterThan(4)
  const failed = part.figures?.find(({ name }) => name === 'pgherd_statements_failures_total')
  expect(failed?.read()).toEqual({ 'pg-test-1': looks() - 3 })
  stopping.abort()
  await running
})
