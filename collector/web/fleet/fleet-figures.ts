import { parseSample, vectorAnswer } from '../api/answers.ts'
import type { CollectorClient } from '../api/client.ts'

/** Figures of the whole fleet, each by the name that it is about. */
export interface FleetFigures {
  /** By server: transactions per second, sessions that do something, and the share of its machine's processors in use. */
  readonly transactions: ReadonlyMap<string, number>
  readonly active: ReadonlyMap<string, number>
  readonly cpu: ReadonlyMap<string, number>
  /** By cluster: when the newest backup ended, seconds since the epoch. */
  readonly backups: ReadonlyMap<string, number>
}

const queries: readonly (readonly [keyof FleetFigures, string, string])[] = [
  ['transactions', 'ins', 'sum by (ins) (rate(pg_db_xact_commit[1m]))'],
  ['active', 'ins', 'sum by (ins) (pg_activity_count{state="active"})'],
  ['cpu', 'ins', '1 - avg by (ins) (rate(node_cpu_seconds_total{mode="idle"}[1m]))'],
  ['backups', 'cluster', 'max by (cluster) (pgherd_backup_last_success_timestamp_seconds)'],
]

export const noFigures: FleetFigures = {
  transactions: new Map(),
  active: new Map(),
  cpu: new Map(),
  backups: new Map(),
}

/** Asks all of them; one that fails costs itself. When all fail, so does this. */
export async function loadFigures(client: CollectorClient, signal: AbortSignal): Promise<FleetFigures> {
  const answers = await Promise.allSettled(
    queries.map(async ([name, label, query]) => {
      const { data } = await client.get('api/v1/query', { query }, vectorAnswer, signal)
      const values = data.result.flatMap(({ metric, value }) => {
        const key = metric[label]
        return key === undefined ? [] : [[key, parseSample(value[1])] as const]
      })
      return [name, new Map(values)] as const
    }),
  )
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = answers.find((one) => one.status === 'rejected')
  if (found.length === 0 && failed !== undefined) throw failed.reason
  return { ...noFigures, ...Object.fromEntries(found) }
}
