import type { PostgresServer } from '../../testbed/postgres.ts'
import { cpuMs } from './process-cost.ts'

/** What one role has cost the server so far, in milliseconds. */
export interface ServerTime {
  /** Planning and execution by pg_stat_statements. */
  readonly statementsMs: number
  /** Processor time by backend; one that connects between two looks is left out. */
  readonly backends: ReadonlyMap<number, number>
}

export async function serverTimeOf(server: PostgresServer, role: string): Promise<ServerTime> {
  const [row] = await server.query<{ ms: number }>(
    `select coalesce(sum(total_exec_time + total_plan_time), 0)::float8 as ms
       from pg_stat_statements
      where userid = $1::regrole`,
    [role],
  )
  const pids = await server.query<{ pid: number }>(`select pid from pg_stat_activity where usename = $1`, [
    role,
  ])
  const backends = new Map<number, number>()
  for (const { pid } of pids) backends.set(pid, cpuMs(pid))
  return { statementsMs: row?.ms ?? 0, backends }
}

/** Between two looks. */
export function spent(
  before: ServerTime,
  after: ServerTime,
): { readonly statementsMs: number; readonly cpuMs: number } {
  let cpu = 0
  for (const [pid, ms] of after.backends) {
    const start = before.backends.get(pid)
    if (start !== undefined) cpu += ms - start
  }
  return { statementsMs: after.statementsMs - before.statementsMs, cpuMs: cpu }
}
