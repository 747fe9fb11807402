import { readFileSync } from 'node:fs'
import { labelSet } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'

/** A metric of the herd, with all its series. */
export interface Metric {
  readonly name: string
  readonly everyMs: number
  readonly series: readonly LabelSet[]
}

const statementsPerServer = 94
const statementMetrics = [
  'exec_time',
  'exec_time_squares',
  'calls',
  'io_time',
  'temp_bytes',
  'wal_bytes',
  'wal_fpi',
  'rows',
  'sblk_hit',
  'sblk_read',
  'sblk_dirtied',
  'sblk_written',
]

/** What agents push of three servers and what is beside them: herd.txt, and as much as agents tell at most of statements, sessions and writes. */
export function readHerd(): readonly Metric[] {
  const lines = readFileSync(new URL('herd.txt', import.meta.url), 'utf8').split('\n')
  const metrics: Metric[] = []
  let names: readonly string[] = []
  let everyMs = 0
  let sets: Record<string, string>[] = []
  const finish = (): void => {
    for (const name of names) metrics.push({ name, everyMs, series: sets.map((set) => labelsOf(name, set)) })
    names = []
    sets = []
  }
  for (const line of lines) {
    if (line.startsWith('every ')) {
      finish()
      const [, seconds = '', ...rest] = line.split(' ')
      everyMs = Number.parseFloat(seconds) * 1000
      names = rest
    } else if (line.startsWith('on ')) {
      const [servers = '', written = ''] = line.slice(3).split(/:(.*)/)
      for (const server of servers.split(' ')) {
        for (const text of written.split(';')) sets.push({ ins: server, ...readLabels(text.trim()) })
      }
    }
  }
  finish()
  return [...metrics, ...statements(), ...durations(), ...sessions(), ...writes()]
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {}
  for (const pair of text === '' ? [] : text.split('|')) {
    const [name = '', value = ''] = pair.split(/=(.*)/)
    labels[name] = value
  }
  return labels
}

function labelsOf(name: string, { ins, ...rest }: Record<string, string>): LabelSet {
  const identity = { job: 'pgsql', cls: 'main', ins: ins!, ip: '10.0.0.1', instance: `${ins!}:5432` }
  return labelSet({ __name__: name, ...identity, ...rest })
}

function statements(): readonly Metric[] {
  return statementMetrics.map((suffix) => {
    const name = `pg_query_${suffix}`
    const series = [1, 2, 3].flatMap((server) =>
      Array.from({ length: statementsPerServer }, (_, i) =>
        labelsOf(name, {
          ins: `main-${server}`,
          datname: i % 3 === 0 ? 'postgres' : 'shop',
          query: String(1_000_003 * (i + 1)),
        }),
      ),
    )
    return { name, everyMs: 10_000, series }
  })
}

const servers = ['main-1', 'main-2', 'main-3']

/** A metric of every server, with the same labels on each. */
function metricOf(name: string, seconds: number, sets: readonly Record<string, string>[]): Metric {
  const series = servers.flatMap((ins) => sets.map((set) => labelsOf(name, { ins, ...set })))
  return { name, everyMs: seconds * 1000, series }
}

function numbered(count: number, of: (i: number) => Record<string, string>): Record<string, string>[] {
  return Array.from({ length: count }, (_, i) => of(i))
}

const durationBuckets = 30

function durations(): readonly Metric[] {
  const sets = ['postgres', 'shop', '(other)'].flatMap((datname) =>
    numbered(durationBuckets, (i) => ({
      datname,
      le: i === durationBuckets - 1 ? '+Inf' : String(Number((1e-5 * 2 ** i).toPrecision(3))),
    })),
  )
  return [metricOf('pg_query_duration_seconds_bucket', 10, sets)]
}

const waits = ['CPU', 'IO', 'LWLock', 'Lock', 'Client']

function sessions(): readonly Metric[] {
  const events = numbered(200, (i) => ({
    datname: 'shop',
    usename: `user_${i % 4}`,
    query: String(1_000_003 * (i + 1)),
    wait_event_type: waits[i % waits.length]!,
    wait_event: `event_${i % 20}`,
  }))
  const tables = numbered(60, (i) => ({ datname: 'shop', relname: `public.t${i}`, wait_event: 'relation' }))
  return [
    metricOf('pgherd_ash_seconds_total', 10, events),
    metricOf('pgherd_ash_table_seconds_total', 10, tables),
    metricOf(
      'pgherd_ash_application_seconds_total',
      10,
      numbered(8, (i) => ({ application_name: `app_${i}` })),
    ),
  ]
}

function writes(): readonly Metric[] {
  const tables = numbered(48, (i) => ({ datname: 'shop', relname: `public.t${i}` }))
  const indexes = numbered(64, (i) => ({
    datname: 'shop',
    relname: `public.t${i % 48}`,
    idxname: `public.t${i % 48}_i${i}`,
  }))
  return [
    ...['ins', 'upd', 'hot_upd', 'del'].map((what) => metricOf(`pg_table_n_tup_${what}`, 10, tables)),
    ...['write_row_bytes', 'write_fillfactor', 'pages', 'toast_ins'].map((what) =>
      metricOf(`pg_table_${what}`, 60, tables),
    ),
    ...['entry_bytes', 'scatter', 'pages', 'optional', 'scans'].map((what) =>
      metricOf(`pg_index_write_${what}`, 60, indexes),
    ),
  ]
}
