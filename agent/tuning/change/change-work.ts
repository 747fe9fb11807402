import type { AuditFact } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import type { Log } from '../../../common/log.ts'
import type { TunedServer } from '../apply-settings.ts'
import type { SettingsSession } from '../read-settings.ts'
import type { ChangeJournal } from './change-journal.ts'
import type { ChangeRecord } from './change-record.ts'
import type { WithKeeper } from './change-asked.ts'
import type { UsualFigures } from './guard/judge.ts'
import type { WatchMemory } from './guard/watch-memory.ts'

/** A connection that is closed when it was used. */
export type OpenSession = (server: string) => Promise<SettingsSession & AsyncDisposable>

/** What those that change settings, and those that watch them, work with. */
export interface ChangeWork {
  /** Of the agent, for the audit. */
  readonly node: string
  readonly journal: ChangeJournal
  readonly clock: Clock
  readonly log: Log
  /** With the rights to change settings. Rejects while the server is down. */
  readonly openServer: OpenSession
  /** For looks every few seconds; of the role that measures. */
  readonly openLook: OpenSession
  readonly withKeeper: WithKeeper
  /** Of the hour before, where there is a history. */
  usual(server: string): Promise<UsualFigures>
  /** Between two looks. */
  readonly lookMs: number
  /** So long a server may be away before it is told: a restart takes seconds. */
  readonly awayMs: number
  /** Of the changes that are watched, by their id: what is not needed after a restart of the agent. */
  readonly memories: Map<string, WatchMemory>
  /** Counts since the start, for figures. */
  readonly counts: { rolledBack: number; kept: number; leftAlone: number }
  /** Writes into the audit; undefined where none is kept. */
  readonly record: ((fact: AuditFact) => Promise<boolean>) | undefined
}

/** A server with whoever keeps its settings, for a change that was made before. @throws PgherdError when they do not answer */
export async function withServerOf<T>(
  { openServer, withKeeper, clock }: ChangeWork,
  { server, scope }: Pick<ChangeRecord, 'server' | 'scope'>,
  signal: AbortSignal,
  work: (tuned: TunedServer) => Promise<T>,
): Promise<T> {
  await using session = await openServer(server)
  const alone = { session, keeper: undefined, clock, signal }
  return await (scope === null ? work(alone) : withKeeper(scope, (keeper) => work({ ...alone, keeper })))
}
