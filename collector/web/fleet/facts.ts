import type { CollectorClient } from '../api/client.ts'
import { formatValue } from '../format/units.ts'
import type { Unit } from '../format/units.ts'

/** A figure on a node's tile; `expr` gives one value per `ins`. */
export interface Fact {
  readonly name: string
  readonly label: string
  readonly expr: string
  readonly unit: Unit
}

export const lagFact: Fact = {
  name: 'lag',
  label: 'lag',
  expr: 'max by (ins) (pg_lag and pg_is_in_recovery == 1)',
  unit: 'seconds',
}

export const facts: readonly Fact[] = [
  lagFact,
  { name: 'tps', label: 'commits', expr: 'sum by (ins) (rate(pg_db_xact_commit[1m]))', unit: 'ops' },
  {
    name: 'active',
    label: 'active',
    expr: 'sum by (ins) (pg_activity_count{state="active"})',
    unit: 'count',
  },
  {
    name: 'cpu',
    label: 'CPU',
    expr: '1 - avg by (ins) (rate(node_cpu_seconds_total{mode="idle"}[1m]))',
    unit: 'ratio',
  },
]

/** The values of every fact by `ins`; a fact whose query failed is absent. */
export type FactValues = ReadonlyMap<string, ReadonlyMap<string, number>>

/** Asks all facts; one that fails costs itself. When all fail, so does this. */
export async function loadFacts(client: CollectorClient, signal: AbortSignal): Promise<FactValues> {
  const answers = await Promise.allSettled(
    facts.map(async ({ name, expr }) => [name, await client.valuesByInstance(expr, signal)] as const),
  )
  const values = new Map(answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])))
  const failed = answers.find((one) => one.status === 'rejected')
  if (values.size === 0 && failed !== undefined) throw failed.reason
  return values
}

/** The value of a fact of a node, as text; a dash where it is not known. */
export function factText(fact: Fact, node: string, values: FactValues): string {
  return formatValue(values.get(fact.name)?.get(node), fact.unit)
}
