import { expect, test } from 'vitest'
import { metricName } from '../../../agent/probes/definition.ts'
import { loadProbes } from '../../../agent/probes/load.ts'
import { withClient } from '../../../testbed/postgres-client.ts'
import { startPostgres, startStandby } from '../../../testbed/postgres.ts'
import { createMonitor, measureServer } from './measured-server.ts'
import type { Samples } from './measured-server.ts'

/**
 * Counters by their type in pg_exporter that are positions or horizons: what they count can be given up (a slot is
 * moved, a standby's feedback ends), and a statement that leaves the top ones comes back later.
 */
const mayGoBack = /^pg_(repl_backend_xmin|slot_|query_)/

test('counters never go backwards while a server is at work, on the primary and on its standby', async () => {
  const probes = await loadProbes()
  const counters = new Set(
    probes.flatMap((probe) =>
      probe.columns.filter(({ usage }) => usage === 'COUNTER').map((column) => metricName(probe, column)),
    ),
  )
  await using primary = await startPostgres()
  await createMonitor(primary)
  await primary.query('create database app')
  await primary.query('create table t (id serial primary key, n int)', undefined, 'app')
  await using standby = await startStandby(primary)
  await using leading = await measureServer(primary)
  await using following = await measureServer(standby)
  const isCounter = (key: string): boolean => {
    const name = key.replace(/\{.*/, '')
    return counters.has(name) && !mayGoBack.test(name)
  }
  const before: Record<string, Samples> = {}
  let compared = 0
  for (let round = 0; round < 8; round++) {
    await withClient(
      { host: primary.socketDirectory, port: primary.port, database: 'app' },
      async (client) => {
        await client.query('insert into t (n) select generate_series(1, 500)')
        await client.query('update t set n = n + 1 where id % 7 = 0; delete from t where id % 11 = 0')
        await client.query(round % 3 === 0 ? 'vacuum analyze t' : 'select count(*) from t where id > 10')
        await client.query('checkpoint')
      },
    )
    for (const [name, agent] of [
      ['primary', leading],
      ['standby', following],
    ] as const) {
      const samples = await agent.scrape()
      const back = Object.entries(samples).filter(
        ([key, value]) => isCounter(key) && Number(value) < Number(before[name]?.[key]),
      )
      expect(back, `${name}, round ${round}`).toEqual([])
      compared += Object.keys(samples).filter(
        (key) => isCounter(key) && before[name]?.[key] !== undefined,
      ).length
      before[name] = samples
    }
  }
  expect(compared).toBeGreaterThan(4_000)
}, 60_000)
