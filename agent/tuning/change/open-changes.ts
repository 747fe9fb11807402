import { z } from 'zod'
import type { AuditFact } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { Log } from '../../../common/log.ts'
import type { Figure } from '../../../common/self-metrics.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'
import type { ChangeRequest } from '../../../common/tuning/change-request.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { SettingsSession } from '../read-settings.ts'
import { applyChange, busyWith } from './apply-change.ts'
import type { ApplyOptions } from './apply-change.ts'
import { changeFigures } from './change-figures.ts'
import { openChangeJournal } from './change-journal.ts'
import { tellChange } from './change-record.ts'
import type { ChangeAsked, WithKeeper } from './change-asked.ts'
import type { ChangeWork, OpenSession } from './change-work.ts'
import { takeChangeBack } from './finish-change.ts'
import { guardChanges } from './guard-changes.ts'
import { guardLimits } from './guard/guard-limits.ts'
import { planChange, tellPlan, withTuned } from './plan-change.ts'
import { planRollback, rollBackByHand, tunedOf } from './roll-back-by-hand.ts'
import { settleChange } from './settle-change.ts'
import { createTurns } from './turns.ts'
import { usualFigures } from './usual-figures.ts'

/** Changes of the settings of this host's servers: planned, made, watched, and taken back. */
export interface Changes {
  /** What a change would do, tried beside the server. Changes nothing. @throws PgherdError when the server does not tell */
  plan(asked: ChangeAsked, request: ChangeRequest): Promise<TunePlan>
  /** See `applyChange`. */
  apply(asked: ChangeAsked, request: ChangeRequest, options: ApplyOptions): Promise<TuneChange>
  /**
   * What became of a change whose command failed or whose agent was killed: what the server has taken goes on and is watched, anything else
   * is taken back. @returns half a sentence. @throws PgherdError when it could not be done yet
   */
  undo(asked: ChangeAsked, noted: Readonly<Record<string, unknown>>): Promise<string>
  /** Of a server, the newest last: also of those that are over. @throws PgherdError BAD_DATA where they are damaged on the disk */
  changes(server: string): Promise<readonly TuneChange[]>
  /** In lines; those that speak against it begin with `REFUSED`. @throws PgherdError NOT_FOUND, or of the server */
  planRollback(asked: ChangeAsked, change: string | undefined): Promise<readonly string[]>
  /** The newest change that is not taken back unless one is named. @throws PgherdError NOT_FOUND, REFUSED, or of the server */
  rollBack(asked: ChangeAsked, change: string | undefined): Promise<TuneChange>
  /** Watches, and goes on with what an earlier life of the agent has left, until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
  readonly figures: readonly Figure[]
}

export interface ChangesOptions {
  /** A file per server is in it. It exists, and nobody else uses it. */
  readonly directory: string
  /** Name of the agent's node, for the audit. */
  readonly node: string
  readonly clock: Clock
  readonly log: Log
  readonly openServer: OpenSession
  readonly openLook: OpenSession
  readonly withKeeper: WithKeeper
  /** What a reload takes over beside the change, a sentence each. */
  readonly reloadAlsoTakes?: (session: Pick<SettingsSession, 'read'>) => Promise<readonly string[]>
  readonly record?: ((fact: AuditFact) => Promise<boolean>) | undefined
  /** Of the hour before. */
  readonly history?: (server: string) => Promise<Evidence | undefined>
  /** Between two looks of the guard; 10 s unless told. */
  readonly lookMs?: number
  /** So long a server may be away before it is told; a minute unless told. */
  readonly awayMs?: number
}

const usualAwayMs = 60_000

const notedCommand = z.object({ server: z.string(), change: z.string() })

/** Reads what was changed before. @throws PgherdError DIRECTORY_UNUSABLE */
export async function openChanges(options: ChangesOptions): Promise<Changes> {
  const { directory, node, clock, log, openServer, openLook, withKeeper, history } = options
  const { lookMs = guardLimits.lookMs, awayMs = usualAwayMs, record, reloadAlsoTakes } = options
  const journal = await openChangeJournal(directory, log)
  const inTurn = createTurns()
  const work: ChangeWork = {
    ...{ node, journal, clock, log, openServer, openLook, withKeeper, lookMs, awayMs, record },
    memories: new Map(),
    counts: { rolledBack: 0, kept: 0, leftAlone: 0 },
    // A history that cannot be read only makes the guard stricter.
    usual: async (server) => usualFigures(await history?.(server).catch(() => undefined)),
  }
  const undo = async (asked: ChangeAsked, change: string): Promise<string> => {
    const found = journal.of(asked.server).find(({ id }) => id === change)
    if (found === undefined) return 'nothing was changed'
    const settled = await tunedOf(work, asked, found, async (tuned) => {
      if (found.state === 'applying') return settleChange(work, tuned, found)
      if (found.state === 'rolling-back') return takeChangeBack(work, tuned, found, found.message)
      return found
    })
    return `the change is ${settled.state}: ${settled.message}`
  }
  return {
    plan: (asked, request) =>
      withTuned(asked, clock, [...request.settings.keys()], async (tuned) => {
        const planned = await planChange(tuned, request)
        const told = tellPlan(asked.server, planned)
        const changes = told.settings.some(({ state }) => state === 'change')
        const beside = changes ? ((await reloadAlsoTakes?.(asked.session)) ?? []) : []
        const busy = changes ? busyWith(journal.of(asked.server), planned) : []
        return { ...told, refusals: [...told.refusals, ...busy], notes: [...told.notes, ...beside] }
      }),
    apply: (asked, request, how) => inTurn(asked.server, () => applyChange(work, asked, request, how)),
    undo(asked, noted) {
      const read = notedCommand.safeParse(noted)
      if (!read.success) throw new PgherdError('BAD_DATA', 'what was noted is no change of settings')
      return inTurn(asked.server, () => undo(asked, read.data.change))
    },
    changes: (server) =>
      new Promise((resolve) => {
        resolve(journal.of(server).map(tellChange))
      }),
    planRollback: (asked, change) => planRollback(work, asked, change),
    rollBack: (asked, change) =>
      inTurn(asked.server, async () => tellChange(await rollBackByHand(work, asked, change))),
    run: (signal) => guardChanges(work, inTurn, signal),
    figures: changeFigures(work),
  }
}
