import { readFileSync } from 'node:fs'
import type { Client } from 'pg'
import { cpuMs } from '../agent-cost/process-cost.ts'

/** What one role's sessions have cost the server so far. */
export interface ServerCost {
  /** Processor time of its sessions, in milliseconds, and of all that have ended: on a quiet server only its own do. */
  readonly cpuMs: number
  /** By pg_stat_statements, the longest first. */
  readonly statements: readonly StatementCost[]
}

export interface StatementCost {
  readonly text: string
  readonly calls: number
  readonly totalMs: number
  readonly maxMs: number
}

/** @param admin stays open: a session of ours that ended would count as one of the role's */
export async function serverCostOf(admin: Client, role: string): Promise<ServerCost> {
  const { rows: pids } = await admin.query<{ pid: number }>(
    'select pid from pg_stat_activity where usename = $1',
    [role],
  )
  let cpu = reapedMs(await postmasterOf(admin))
  for (const { pid } of pids) cpu += cpuMs(pid)
  const { rows: statements } = await admin.query<StatementCost>(
    `select regexp_replace(left(query, 400), '\\s+', ' ', 'g') as text, calls::float8 as calls,
            (total_exec_time + total_plan_time)::float8 as "totalMs", max_exec_time::float8 as "maxMs"
       from pg_stat_statements
      where userid = $1::regrole
      order by total_exec_time desc`,
    [role],
  )
  return { cpuMs: cpu, statements }
}

/** Forgets what its statements took. */
export async function forgetStatements(admin: Client, role: string): Promise<void> {
  await admin.query('select pg_stat_statements_reset($1::regrole)', [role])
}

async function postmasterOf(admin: Client): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(
    `select pid from pg_stat_activity where backend_type = 'checkpointer'`,
  )
  // proc_pid_stat(5): the fourth field is the parent; the second may have spaces and parentheses in it.
  return Number(fieldsOf(rows[0]!.pid)[1])
}

/** Of children that have ended and were waited for, in milliseconds: cutime and cstime. */
function reapedMs(pid: number): number {
  const fields = fieldsOf(pid)
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / ticksPerSecond
}

/** Behind the name, so that the third field is the first. */
function fieldsOf(pid: number): readonly string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** USER_HZ of every Linux that runs here. */
const ticksPerSecond = 100
