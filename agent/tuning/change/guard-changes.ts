import { PgherdError, messageOf } from '../../../common/errors.ts'
import { isOpen } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import { withServerOf } from './change-work.ts'
import type { ChangeWork } from './change-work.ts'
import { setState, takeChangeBack, tellAudit } from './finish-change.ts'
import { linesByHand } from './roll-back.ts'
import { settleChange } from './settle-change.ts'
import type { Turns } from './turns.ts'
import { waitForRestart } from './wait-for-restart.ts'
import { watchChange } from './watch-change.ts'

const longestPauseMs = 60_000

/** What the guard keeps of a change between two looks at it. */
interface Turn {
  nextMs: number
  pauseMs: number
  awaySinceMs: number | undefined
  isTold: boolean
}

/**
 * Watches all changes that go on, those of an earlier life of the agent too, until the signal aborts. Never rejects: what fails is tried
 * again.
 */
export async function guardChanges(work: ChangeWork, inTurn: Turns, signal: AbortSignal): Promise<void> {
  const { journal, clock } = work
  const turns = new Map<string, Turn>()
  const running = new Map<string, Promise<void>>()
  while (!signal.aborted) {
    const open = journal.servers.flatMap((server) => openOf(work, server))
    for (const id of turns.keys()) if (!open.some((one) => one.id === id)) turns.delete(id)
    for (const { id, server } of open) {
      const turn: Turn = turns.get(id) ?? {
        nextMs: 0,
        pauseMs: work.lookMs,
        awaySinceMs: undefined,
        isTold: false,
      }
      turns.set(id, turn)
      if (running.has(id) || clock.monotonic() < turn.nextMs) continue
      const step = inTurn(server, () => oneLook(work, { server, id }, turn, signal)).finally(() =>
        running.delete(id),
      )
      running.set(id, step)
    }
    // Short against the time between two looks, so that these are even.
    await clock.sleep(Math.min(work.lookMs, ...open.map((one) => lookMsOf(work, one))) / 4, signal)
  }
  await Promise.all(running.values())
}

function openOf(work: ChangeWork, server: string): readonly ChangeRecord[] {
  try {
    return work.journal.of(server).filter(isOpen)
  } catch {
    // It is damaged, which was told when it was read.
    return []
  }
}

/** Never rejects. */
async function oneLook(
  work: ChangeWork,
  about: { readonly server: string; readonly id: string },
  turn: Turn,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = work
  const record = openOf(work, about.server).find(({ id }) => id === about.id)
  // It may have ended while this waited for its turn; and it was just begun by the command whose turn that was.
  if (record === undefined || signal.aborted) return
  const lookMs = lookMsOf(work, record)
  const since = work.memories.get(record.id)?.lookedMs
  if (since !== undefined && clock.monotonic() < since + lookMs / 2) return
  turn.nextMs = clock.monotonic() + lookMs
  try {
    await step(work, record, signal)
    turn.awaySinceMs = undefined
    turn.isTold = false
    turn.pauseMs = lookMs
  } catch (error) {
    if (hasEnded(signal)) return
    log.warn(
      { server: record.server, change: record.id, state: record.state, error: messageOf(error) },
      'tuning: a change waits',
    )
    turn.awaySinceMs ??= clock.monotonic()
    turn.nextMs = clock.monotonic() + turn.pauseMs
    turn.pauseMs = Math.min(Math.max(2 * turn.pauseMs, lookMs), Math.max(longestPauseMs, lookMs))
    if (!turn.isTold && clock.monotonic() - turn.awaySinceMs >= work.awayMs) {
      turn.isTold = true
      await tellAway(work, record, error)
    }
  }
}

/** A short window has its looks too. */
function lookMsOf({ lookMs }: ChangeWork, { guard }: ChangeRecord): number {
  return guard.windowMs === 0 ? lookMs : Math.min(lookMs, Math.max(1_000, guard.windowMs / 5))
}

/** It may have meanwhile. */
const hasEnded = ({ aborted }: AbortSignal): boolean => aborted

function step(work: ChangeWork, record: ChangeRecord, signal: AbortSignal): Promise<ChangeRecord> {
  switch (record.state) {
    case 'applying':
      return withServerOf(work, record, signal, (tuned) => settleChange(work, tuned, record))
    case 'rolling-back':
      return withServerOf(work, record, signal, (tuned) =>
        takeChangeBack(work, tuned, record, record.message),
      )
    case 'waits-for-restart':
      return waitForRestart(work, record, signal)
    default:
      return watchChange(work, record, signal)
  }
}

/** Told once: what is to be done by hand where it is what was staged that keeps the server from starting. */
async function tellAway(work: ChangeWork, record: ChangeRecord, error: unknown): Promise<void> {
  const isAway = error instanceof PgherdError && ['POSTGRES_UNAVAILABLE', 'TIMED_OUT'].includes(error.code)
  const hasStaged = record.settings.some(({ needsRestart }) => needsRestart)
  const hint =
    isAway && hasStaged
      ? `; if it does not start with what was written (its log says so), ${linesByHand(record)}; this agent starts no server`
      : ''
  const message = `${isAway ? 'the server does not answer' : 'it cannot go on'}: ${messageOf(error)}${hint}`
  work.log.error({ server: record.server, change: record.id }, `tuning: ${message}`)
  if (hint !== '') tellAudit(work, record, 'finished', message)
  await setState(work, record, { message })
}
