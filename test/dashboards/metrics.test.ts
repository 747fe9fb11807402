import { expect, test } from 'vitest'
import { metricName } from '../../agent/probes/definition.ts'
import { loadProbes } from '../../agent/probes/load.ts'
import { catalogueMetrics, unknownIn } from '../rules/emitted-metrics.ts'
import { expressionsOf, readBoards, variablesOf, withAllChosen } from './read-boards.ts'

/** What agents tell of a server or a pooler beside what its probes give, and the texts of statements that the collector writes. */
const besides = /^nobody emits (pg_up|pg_in_recovery|pg_version|pgbouncer_up|pg_query_info)$/
/** Of machines, neighbours and pgherd itself: `npm run drill:boards` looks whether these are emitted. */
const elsewhere = /^nobody emits (?!pg_|pgbouncer_)/

test.each(readBoards())('$name names only metrics and labels that probes give', async (board) => {
  const emitted = await catalogueMetrics()
  const texts = [
    ...expressionsOf(board).map(({ expr }) => expr),
    ...variablesOf(board).map(({ selector }) => selector),
  ]
  const unknown = texts.flatMap((text) => unknownIn(withAllChosen(text), emitted))
  expect(unknown.filter((one) => !besides.test(one) && !elsewhere.test(one))).toEqual([])
})

/** Of `$__rate_interval`, with an interval of ten seconds. */
const shortestSeconds = 40
const secondsOf = (window: string): number =>
  window === '$__rate_interval'
    ? shortestSeconds
    : Number.parseInt(window) * { s: 1, m: 60, h: 3600, d: 86_400 }[window.at(-1)!]!

test('the window of a rate has at least two measurements', async () => {
  const probes = await loadProbes()
  const ttl = new Map(
    probes.flatMap((probe) =>
      probe.columns.map((column) => [metricName(probe, column), probe.ttlMs / 1000] as const),
    ),
  )
  const short = readBoards()
    .flatMap(expressionsOf)
    .flatMap(({ board, at, expr }) =>
      [...expr.matchAll(/(?:rate|increase)\((\w+)\{[^}]*\}\[([^\]]+)\]/g)].map(([, metric, window]) => ({
        where: `${board}: ${at}: ${metric!}`,
        measured: ttl.get(metric!) ?? 10,
        seconds: secondsOf(window!),
      })),
    )
  expect(short.length).toBeGreaterThan(100)
  expect(short.filter(({ measured, seconds }) => seconds < 2 * measured).map(({ where }) => where)).toEqual(
    [],
  )
})
