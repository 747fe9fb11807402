import { salesScripts } from './sales.ts'

/** What pgbench runs. */
export interface Workload {
  readonly name: string
  readonly profile: 'oltp' | 'olap'
  readonly clients: number
  /** Of pgbench itself where undefined. */
  readonly scripts: readonly string[]
  /** How much: so many transactions of each client, the same ones each time, or as many as there is time for. */
  readonly transactions?: number
}

/** As many clients as the profile `olap` reckons with on a small machine. */
const analysts = 6

export const workloads = (queriesPerAnalyst: number): readonly Workload[] => [
  { name: "pgbench's own (TPC-B-like)", profile: 'oltp', clients: 16, scripts: [] },
  {
    name: 'joins, groups and sorts of a million rows',
    profile: 'olap',
    clients: analysts,
    scripts: salesScripts,
    transactions: queriesPerAnalyst,
  },
]
