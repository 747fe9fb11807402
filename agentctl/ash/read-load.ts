import type { CollectorClient } from '../client.ts'
import { instantVector } from '../instant-vector.ts'
import { readTexts } from '../queries/read-texts.ts'

/** What the load can be told by. */
export const groupings = ['event', 'query', 'table', 'user', 'database', 'application'] as const
export type Grouping = (typeof groupings)[number]

/** Sessions that worked, on average over a range. */
export interface Load {
  /** The range, in seconds. */
  readonly seconds: number
  /** Of those the ones for which there are looks; null where there are none. */
  readonly sampledSeconds: number | null
  readonly gapSeconds: number
  /** Processors of the hosts; null where nobody tells. */
  readonly processors: number | null
  /** All of them, on average at a time. */
  readonly activeSessions: number
  /** The largest first. */
  readonly rows: readonly LoadRow[]
}

export interface LoadRow {
  readonly activeSessions: number
  /** By the names of the grouping's labels. */
  readonly labels: Readonly<Record<string, string>>
  /** What it waited for most, such as `Lock:transactionid`, and for which part of its time; null where that is not known. */
  readonly mostly: string | null
  readonly mostlyShare: number | null
  /** Of a statement. */
  readonly text: string | null
}

interface Source {
  readonly metric: string
  readonly by: readonly string[]
  /** Whether its series tell what was waited for. */
  readonly hasEvents: boolean
}

const sources: Readonly<Record<Grouping, Source>> = {
  event: { metric: 'pgherd_ash_seconds_total', by: ['wait_event_type', 'wait_event'], hasEvents: true },
  query: { metric: 'pgherd_ash_seconds_total', by: ['datname', 'query'], hasEvents: true },
  user: { metric: 'pgherd_ash_seconds_total', by: ['usename'], hasEvents: true },
  database: { metric: 'pgherd_ash_seconds_total', by: ['datname'], hasEvents: true },
  table: {
    metric: 'pgherd_ash_table_seconds_total',
    by: ['datname', 'relname', 'wait_event'],
    hasEvents: false,
  },
  application: { metric: 'pgherd_ash_application_seconds_total', by: ['application_name'], hasEvents: false },
}

/** Whether rows of a grouping tell what they waited for most; those by event are what is waited for. */
export function tellsMostly(grouping: Grouping): boolean {
  return sources[grouping].hasEvents && grouping !== 'event'
}

/** The labels of a grouping, in the order of its columns. */
export function labelsOf(grouping: Grouping): readonly string[] {
  return sources[grouping].by
}

/**
 * @param selector label matchers, such as `ins="pg-main-1"`
 * @throws PgherdError as the collector answers
 */
export async function readLoad(
  client: CollectorClient,
  about: { readonly selector: string; readonly seconds: number; readonly grouping: Grouping },
): Promise<Load> {
  const { selector, seconds, grouping } = about
  const { metric, by, hasEvents } = sources[grouping]
  const within = `[${seconds}s]`
  const labels = [...new Set([...by, ...(hasEvents ? ['wait_event_type', 'wait_event'] : [])])]
  const one = async (expression: string): Promise<number | null> =>
    (await instantVector(client, expression))[0]?.value ?? null
  const [counted, total, sampled, gaps, processors] = await Promise.all([
    instantVector(client, `sum by (${labels.join()}) (increase(${metric}{${selector}}${within})) > 0`),
    one(`sum(increase(pgherd_ash_seconds_total{${selector}}${within}))`),
    one(`max(increase(pgherd_ash_sampled_seconds_total{${selector}}${within}))`),
    one(`max(increase(pgherd_ash_gap_seconds_total{${selector}}${within}))`),
    one(`sum(count by (cls, ins) (node_cpu_seconds_total{${selector},mode="idle"}))`),
  ])
  // Where looks began later than the range, the average is over the time of which something is known.
  const known = sampled === null || sampled <= 0 ? seconds : sampled
  const groups = Map.groupBy(counted, (row) => JSON.stringify(by.map((name) => row.labels[name] ?? '')))
  const rows = [...groups.values()].map((group): LoadRow => {
    const sum = group.reduce((all, { value }) => all + value, 0)
    const most = group.reduce((best, row) => (row.value > best.value ? row : best))
    const { wait_event_type: type = '', wait_event: event = '' } = most.labels
    const isTold = tellsMostly(grouping)
    return {
      activeSessions: sum / known,
      labels: Object.fromEntries(by.map((name) => [name, group[0]!.labels[name] ?? ''])),
      mostly: isTold ? printEvent(type, event) : null,
      mostlyShare: isTold ? most.value / sum : null,
      text: null,
    }
  })
  rows.sort((a, b) => b.activeSessions - a.activeSessions)
  return {
    seconds,
    sampledSeconds: sampled,
    gapSeconds: gaps ?? 0,
    processors,
    activeSessions: (total ?? 0) / known,
    rows,
  }
}

/** `Lock:transactionid`; a process that waits for nothing is on a processor. */
export function printEvent(type: string, event: string): string {
  return type === event ? type : `${type}:${event}`
}

/**
 * The same rows with the texts of their statements, as far as the collector has them.
 * @throws PgherdError as the collector answers else
 */
export async function withTexts(
  client: CollectorClient,
  cluster: string,
  rows: readonly LoadRow[],
): Promise<readonly LoadRow[]> {
  const queryOf = ({ labels }: LoadRow): string => labels['query'] ?? ''
  const textOf = await readTexts(client, cluster, rows.map(queryOf))
  return rows.map((row) => ({ ...row, text: textOf(row.labels['datname'] ?? '', queryOf(row)) }))
}
