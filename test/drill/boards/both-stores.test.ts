import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findProgram } from '../../../testbed/find-program.ts'
import { hasVictoriaMetrics } from '../../../testbed/victoria-metrics.ts'
import { waitFor } from '../../../testbed/wait.ts'
import { patroniBinaries } from '../../agent/neighbours/programs/patroni.ts'
import { expressionsOf, readBoards, variablesOf, withAllChosen } from '../../dashboards/read-boards.ts'
import { catalogueMetrics, storedMetrics, together, unknownIn } from '../../rules/emitted-metrics.ts'
import { ask, differences } from './ask.ts'
import type { Values, When } from './ask.ts'
import { computedOtherwise, emptyFor, lessExactFor, sometimesEmptyFor } from './reasons.ts'
import { settleBoth } from './same-samples.ts'
import { startWorld } from './world.ts'
import type { World } from './world.ts'

const programs = ['pgbouncer', 'patroni', 'etcd', 'haproxy', 'pgbackrest']
const missing = programs.filter((name) => findProgram(name) === undefined)
if (!hasVictoriaMetrics()) missing.push('victoria-metrics')
if (!existsSync(patroniBinaries)) missing.push('postgresql-15')

/** Long enough for the rates of a minute and for everything that is asked twice. */
const loadSeconds = 75
/** Counters that probes ask for each minute: their second measurement may come after the load. */
const measuredEachMinute = ['pg_table_toast_blks_read', 'pg_query_store_evictions']
const boards = readBoards()
const expressions = boards.flatMap(expressionsOf)
const otherwise = new RegExp(`\\b(${computedOtherwise.join('|')})\\(`, 'g')

describe.skipIf(missing.length > 0)(
  `every board on both stores${missing.length > 0 ? ` (missing: ${missing.join()})` : ''}`,
  () => {
    const owned = new AsyncDisposableStack()
    const directory = mkdtempSync(join(tmpdir(), 'pgherd-boards-'))
    owned.defer(() => rmSync(directory, { recursive: true, force: true }))
    let world: World
    let when: When
    const excused = new Set<string>()

    beforeAll(async () => {
      world = await startWorld(directory, owned)
      await holdLock(world, owned)
      const has = async (query: string): Promise<boolean> => {
        const end = Math.floor(Date.now() / 1000)
        return (await ask(world.collectorUrl, query, true, { start: end, end, step: 1 })).size > 0
      }
      const patience = { timeoutMs: 240_000, intervalMs: 2_000, explain: () => world.explain() }
      await waitFor('a backup', () => has('pgherd_backup_last_success_timestamp_seconds'), patience)
      await waitFor('the standby', () => has('pg_lag{ins="shop-2"} and pg_is_in_recovery == 1'), patience)
      await waitFor('an alert', () => has('ALERTS{alertstate="firing",ins="shop-1"}'), patience)
      await waitFor(
        'a minute of load',
        () => has(`count_over_time(pg_up{ins="archived-1"}[1h]) > ${loadSeconds / 2}`),
        patience,
      )
      await world.primary.query('create table later (id int)', undefined, 'shop')
      await waitFor(
        'a change of the schema',
        () => has('pgherd_schema_change_timestamp_seconds offset 20s'),
        patience,
      )
      for (const counter of measuredEachMinute) {
        // A rate at the end of what is asked below.
        await waitFor(`a rate of ${counter}`, () => has(`rate(${counter}[5m] offset 20s)`), patience)
      }
      // A few seconds ago, so that all that is older has been pushed.
      const end = Math.floor(Date.now() / 10_000) * 10 - 10
      when = { start: end - 40, end, step: 10 }
      await settleBoth(world.collectorUrl, world.victoriaUrl, end, 600)
    }, 600_000)

    afterAll(() => owned.disposeAsync(), 120_000)

    const excuseOf = (expr: string): string | undefined =>
      [...emptyFor.keys(), ...sometimesEmptyFor.keys()].find((text) => expr.includes(text))

    test.each(expressions)('$board: $at: $expr', async ({ expr, instant }) => {
      const query = withAllChosen(expr)
      const ours = await ask(world.collectorUrl, query, instant, when)
      const theirs = await ask(world.victoriaUrl, query, instant, when)
      if (ours.size === 0) {
        const excuse = excuseOf(expr)
        expect(excuse, 'it finds nothing, and no reason is listed').toBeDefined()
        excused.add(excuse!)
      }
      if (query.startsWith('topk(')) {
        expect(seriesOf(theirs).size > 0, 'both find something, or neither').toBe(ours.size > 0)
        // Ranks that are not exact choose others.
        if (toleranceOf(query) > 1e-6) return
        const [a, b] = await Promise.all(
          [world.collectorUrl, world.victoriaUrl].map((url) => ask(url, comparableOf(query), instant, when)),
        )
        // Which of equals are kept is for each store to choose.
        expect(differences(sorted(a!), sorted(b!)), comparableOf(query)).toEqual([])
        return
      }
      if (query.search(otherwise) < 0) {
        expect(differences(ours, theirs)).toEqual([])
        return
      }
      expect(seriesOf(theirs).size > 0, 'both find something, or neither').toBe(ours.size > 0)
      const comparable = comparableOf(query)
      const [a, b] = await Promise.all(
        [world.collectorUrl, world.victoriaUrl].map((url) => ask(url, comparable, instant, when)),
      )
      expect(differences(a!, b!, toleranceOf(query)), comparable).toEqual([])
    })

    test('each variable has values, on both stores', async () => {
      const valuesOf = async (url: string, selector: string, label: string): Promise<string[]> => {
        const parameters = new URLSearchParams({
          'match[]': selector,
          start: String(when.start),
          end: String(when.end),
        })
        const response = await fetch(`${url}/api/v1/label/${label}/values?${parameters.toString()}`)
        return ((await response.json()) as { data: string[] }).data
      }
      for (const board of boards) {
        for (const { name, selector, label } of variablesOf(board)) {
          const query = withAllChosen(selector)
          const ours = await valuesOf(world.collectorUrl, query, label)
          expect(ours, `${board.name}: ${name}`).not.toEqual([])
          // It looks at times by the day, and so knows what came since.
          expect(await valuesOf(world.victoriaUrl, query, label), `${board.name}: ${name}`).toEqual(
            expect.arrayContaining([...ours]),
          )
        }
      }
    })

    test('every metric is one that somebody has pushed, or a probe can give', async () => {
      const emitted = together(await storedMetrics(world.collectorUrl), await catalogueMetrics())
      const unknown = expressions
        .filter(({ expr }) => excuseOf(expr) === undefined)
        .flatMap(({ expr }) => unknownIn(withAllChosen(expr), emitted))
      expect([...new Set(unknown)]).toEqual([])
    })

    test('every reason for emptiness is needed', () => {
      expect([...emptyFor.keys()].filter((text) => !excused.has(text))).toEqual([])
    })
  },
)

/** The relative difference that is none. */
function toleranceOf(query: string): number {
  const found = [...lessExactFor.keys()].find((text) => query.includes(text))
  return found === undefined ? 1e-6 : lessExactFor.get(found)!.tolerance
}

/** The same, but for what both compute in their own ways. */
function comparableOf(query: string): string {
  return query.replaceAll(otherwise, 'max_over_time(')
}

/** The same values by their rank. */
function sorted(values: Values): Values {
  return new Map([...values.values()].sort((a, b) => a - b).map((value, rank) => [String(rank), value]))
}

function seriesOf(values: Values): ReadonlySet<string> {
  return new Set([...values.keys()].map((key) => key.replace(/ \d+(\.\d+)?$/, '')))
}

/** One session keeps a table, another waits for it. */
async function holdLock({ primary }: World, owned: AsyncDisposableStack): Promise<void> {
  const [holder, waiter] = await Promise.all(
    [1, 2].map(async () => {
      const client = new pg.Client({ connectionString: primary.url('shop', 'app') })
      client.on('error', () => undefined)
      await client.connect()
      owned.defer(() => client.end().catch(() => undefined))
      return client
    }),
  )
  await holder!.query('begin; lock table measured_2020')
  waiter!.query('begin; lock table measured_2020').catch(() => undefined)
}
