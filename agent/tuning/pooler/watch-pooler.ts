import type { Clock } from '../../../common/clock.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import { askConsole } from '../../postgres/pooler-console.ts'
import type { ConsoleRow } from '../../postgres/pooler-console.ts'
import { openPoolerProcess } from './pooler-process.ts'
import type { PoolerLook, PoolerSeen } from './pooler-seen.ts'

export interface WatchOptions {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** 10 unless told. */
  readonly looks?: number
  /** Between two of them; a second unless told. */
  readonly everyMs?: number
  /** Where /proc lies. */
  readonly root?: string
}

const showMs = 3_000

/**
 * Looks at a pgBouncer for some seconds, over its console; changes nothing.
 * @throws PgherdError of the session, or what the signal is aborted with
 */
export async function watchPooler(
  session: Pick<ActionSession, 'read'>,
  { clock, signal, looks = 10, everyMs = 1_000, root = '/' }: WatchOptions,
): Promise<PoolerSeen> {
  const show = async (what: string): Promise<readonly ConsoleRow[]> =>
    (await askConsole(session, `show ${what}`, showMs)).filter((row) => !isConsoles(row))
  const config = await show('config')
  const databases = await show('databases')
  const process = openPoolerProcess(config, clock, root)
  const seen: PoolerLook[] = []
  while (seen.length < looks) {
    if (seen.length > 0) await clock.sleep(everyMs, signal)
    signal.throwIfAborted()
    seen.push({ atMs: clock.now(), pools: await show('pools'), stats: await show('stats') })
  }
  return { config, databases, looks: seen, process: process?.read() ?? null }
}

/** The database of the console itself. */
function isConsoles(row: ConsoleRow): boolean {
  return (row.get('name') ?? row.get('database')) === 'pgbouncer'
}
