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
  'calls',
  'rows',
  'sblk_hit',
  'sblk_read',
  'sblk_dirtied',
  'sblk_written',
]

/** What agents push of three servers and what is beside them: herd.txt, and statements as pg_stat_statements has them. */
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
  return [...metrics, ...statements()]
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
