import { join } from 'node:path'
import { runTool } from './run-tool.ts'
import type { ServerPrograms } from './server-programs.ts'
import type { ServerUser } from './server-user.ts'

/** What pg_control has of the server that was backed up; empty or null what could not be read. */
export interface ControlData {
  /** Text, because it exceeds 2^53. */
  readonly systemIdentifier: string | null
  /** `in archive recovery`, `shut down`, ... */
  readonly state: string | null
  readonly segmentBytes: number
  /** Settings that a server which replays its log must have at least as high; by name. */
  readonly atLeast: ReadonlyMap<string, number>
  readonly tracksCommitTimes: boolean
}

const usualSegmentBytes = 16 << 20

/** Under which name pg_controldata has which setting. */
const settings = {
  'max_connections setting': 'max_connections',
  'max_worker_processes setting': 'max_worker_processes',
  'max_wal_senders setting': 'max_wal_senders',
  'max_prepared_xacts setting': 'max_prepared_transactions',
  'max_locks_per_xact setting': 'max_locks_per_transaction',
} as const

/** Asks pg_controldata. Some packages come without it; then what is not known is found out from the server's log. */
export async function readControlData(
  dataDirectory: string,
  programs: ServerPrograms,
  options: { readonly user: ServerUser; readonly signal: AbortSignal },
): Promise<ControlData> {
  const program = join(programs.directory, 'pg_controldata')
  const { stdout } = await runTool(program, ['-D', dataDirectory], { ...options, timeoutMs: 10_000 })
  return parseControlData(stdout)
}

/** @see https://www.postgresql.org/docs/current/app-pgcontroldata.html */
export function parseControlData(text: string): ControlData {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) values.set(line.slice(0, colon), line.slice(colon + 1).trim())
  }
  const atLeast = new Map<string, number>()
  for (const [label, name] of Object.entries(settings)) {
    const value = Number(values.get(label) ?? Number.NaN)
    if (Number.isSafeInteger(value)) atLeast.set(name, value)
  }
  return {
    systemIdentifier: values.get('Database system identifier') ?? null,
    state: values.get('Database cluster state') ?? null,
    segmentBytes: Number(values.get('Bytes per WAL segment') ?? usualSegmentBytes),
    atLeast,
    tracksCommitTimes: values.get('track_commit_timestamp setting') === 'on',
  }
}
