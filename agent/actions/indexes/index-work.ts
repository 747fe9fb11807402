import type { AuditFact } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { ActionSession } from '../../postgres/action-session.ts'
import type { IndexLedger } from './ledger.ts'

/** What the work on indexes of this host's servers has in common. */
export interface IndexWork {
  /** Name of the agent's node, for the audit. */
  readonly node: string
  readonly ledger: IndexLedger
  readonly clock: Clock
  readonly log: Log
  /** A session of the server with the rights of commands. @throws PgherdError NOT_FOUND, or of the connection */
  readonly open: (server: string, how?: { readonly readsOverMeasuring?: boolean }) => Promise<ActionSession>
  /** Trials of one server begin and end one after the other, whoever asks for it. */
  readonly inTurn: <T>(server: string, work: () => Promise<T>) => Promise<T>
  readonly record: (fact: AuditFact) => Promise<boolean>
  /** Ids of records that a command works on now; what is open beside them was left by one that has ended. */
  readonly busy: Set<string>
  /** Between two looks at a trial, or at what was left, milliseconds. */
  readonly lookMs: number
}

/** @throws PgherdError NOT_SUPPORTED where the ledger could not be opened */
export function workOf(work: IndexWork | undefined): IndexWork {
  if (work !== undefined) return work
  throw new PgherdError(
    'NOT_SUPPORTED',
    'this agent changes no indexes: the directory of its ledger cannot be used (its log says so)',
  )
}

/** A turn for each server. */
export function createIndexTurns(): IndexWork['inTurn'] {
  const last = new Map<string, Promise<unknown>>()
  return (server, work) => {
    const result = (last.get(server) ?? Promise.resolve()).then(work, work)
    last.set(
      server,
      result.then(
        () => undefined,
        () => undefined,
      ),
    )
    return result
  }
}

/** Not waited for: on a full disk it takes until the agent ends. */
export function tellAudit(
  { node, record }: Pick<IndexWork, 'node' | 'record'>,
  about: {
    readonly server: string
    readonly event: 'finished' | 'undone'
    readonly what: string
    readonly outcome: string
  },
): void {
  void record({
    event: about.event,
    who: `agent ${node}`,
    what: about.what.slice(0, 4_000),
    where: about.server === node ? node : `${node} ${about.server}`,
    why: '',
    command: null,
    outcome: about.outcome.slice(0, 4_000),
    digest: null,
  })
}
