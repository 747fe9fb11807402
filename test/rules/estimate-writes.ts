import { createSession } from '../../agent/postgres/session.ts'
import { loadProbes } from '../../agent/probes/load.ts'
import { createEngine } from '../../collector/promql/engine.ts'
import { createMemoryStore } from '../../collector/rules-tool/memory-store.ts'
import { createGroupRunner } from '../../collector/rules/group-runner.ts'
import { loadRuleFiles } from '../../collector/rules/load/load-rule-files.ts'
import { systemClock } from '../../common/clock.ts'
import { silentLog } from '../../common/log.ts'
import { labelRecord, labelSet } from '../../common/series/label-set.ts'
import type { PostgresServer } from '../../testbed/postgres.ts'
import { askProbe } from '../agent/probes/ask-probe.ts'

/** Samples by `name{label=value,...}`. */
export type Reading = Readonly<Record<string, number>>

const needed = /^pg_(table|table_write|index_write|wal|checkpointer|checkpoint|setting)$/

/** What an agent would tell of the server now, as far as writes are estimated by it; a role `watcher` asks. */
export async function readServer(server: PostgresServer, database: string): Promise<Reading> {
  const version = server.major * 10_000
  const probes = (await loadProbes()).filter(
    ({ name, skip, minVersion, maxVersion, tags }) =>
      needed.test(name) &&
      !skip &&
      !tags.includes('pgbouncer') &&
      minVersion <= version &&
      (maxVersion === 0 || version < maxVersion),
  )
  await using session = createSession({ url: server.url(database, 'watcher'), clock: systemClock })
  await session.connect(5_000)
  const readings: Record<string, number> = {}
  for (const probe of probes) Object.assign(readings, (await askProbe(session, probe))?.samples)
  return readings
}

const startMs = Date.UTC(2026, 10, 1)
const minutes = 5

/**
 * What rules/record-writes.yaml make of a server that came from one reading to the other within five minutes, evenly: bytes by
 * `name{label=value,...}`.
 */
export async function estimateWrites(before: Reading, after: Reading): Promise<Reading> {
  const [group] = await loadRuleFiles(['rules/record-writes.yaml'], {
    defaultIntervalMs: 60_000,
    checkExpression: () => undefined,
  })
  const store = createMemoryStore()
  const engine = createEngine()
  const keys = Object.keys(after)
  const series = keys.map(labelsOf)
  for (let step = 0; step <= minutes * 4; step++) {
    const part = step / (minutes * 4)
    const values = keys.map((key) => (before[key] ?? after[key]!) * (1 - part) + after[key]! * part)
    await store.append(startMs + step * 15_000, series, Float64Array.from(values))
  }
  const atMs = startMs + minutes * 60_000
  const runner = createGroupRunner(group!, {
    query: async (expression, timeMs) => {
      const result = await engine.instant(store, expression, timeMs)
      return result.type === 'vector' ? result.samples : []
    },
    append: (...given) => store.append(...given),
    select: (...given) => store.select(...given),
    notify: () => undefined,
    clock: systemClock,
    log: silentLog,
    externalLabels: {},
    externalUrl: '',
    resendDelayMs: 60_000,
  })
  await runner.evaluate(atMs, new AbortController().signal)
  const result = await engine.instant(store, '{__name__=~".+:pg_.+"}', atMs)
  if (result.type !== 'vector') throw new Error('no vector')
  return Object.fromEntries(
    result.samples.map(({ labels, value }) => {
      const { __name__: name = '', ...others } = labelRecord(labels)
      const own = Object.entries(others)
        .filter(([label]) => /^(datname|relname|idxname)$/.test(label))
        .map(([label, text]) => `${label}=${text}`)
      return [own.length === 0 ? name : `${name}{${own.join()}}`, value * minutes * 60]
    }),
  )
}

function labelsOf(key: string): ReturnType<typeof labelSet> {
  const [, name = '', pairs = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(key) ?? []
  const own = pairs === '' ? [] : pairs.split(',').map((pair) => pair.split('=', 2) as [string, string])
  return labelSet({ __name__: name, cls: 'pg-main', ins: 'pg-main-1', ...Object.fromEntries(own) })
}
