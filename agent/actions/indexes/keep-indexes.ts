import { messageOf } from '../../../common/errors.ts'
import type { IndexWork } from './index-work.ts'
import { isAbout, isOpen } from './ledger-record.ts'
import type { LedgerRecord, SavedIndex, TrialRecord } from './ledger-record.ts'
import { lookAtTrial } from './look-at-trial.ts'
import type { TrialMemory } from './look-at-trial.ts'
import { settleLeft } from './settle-left.ts'

/**
 * Watches all trials that go on, those of an earlier life of the agent too, and ends each in its time; finishes drops, and takes away what
 * unfinished builds have left; until the signal aborts. Never rejects: what fails is tried again.
 */
export async function keepIndexes(work: IndexWork, signal: AbortSignal): Promise<void> {
  const { clock, log, lookMs } = work
  const memories = new Map<string, TrialMemory>()
  const failing = new Set<string>()
  while (!signal.aborted) {
    const open = openRecords(work).filter(({ id }) => !work.busy.has(id))
    for (const id of memories.keys()) if (!open.some((one) => one.id === id)) memories.delete(id)
    for (const { id, server } of open) {
      const memory = memories.get(id) ?? { worse: 0, firstMs: clock.monotonic() }
      memories.set(id, memory)
      try {
        await oneLook(work, { id, server, memory }, signal)
        failing.delete(id)
      } catch (error) {
        if (hasEnded(signal)) return
        const told = { server, id, error: messageOf(error) }
        if (failing.has(id)) log.debug(told, 'indexes: something waits')
        else log.warn(told, 'indexes: something waits')
        failing.add(id)
      }
    }
    await clock.sleep(pauseOf(open, clock.now(), lookMs), signal)
  }
}

async function oneLook(
  work: IndexWork,
  { id, server, memory }: { readonly id: string; readonly server: string; readonly memory: TrialMemory },
  signal: AbortSignal,
): Promise<void> {
  /** It may have ended while this waited for its turn, or a command may have taken it up. */
  const current = (): LedgerRecord | undefined =>
    hasEnded(signal) || work.busy.has(id) ? undefined : openRecords(work).find((one) => one.id === id)
  const record = current()
  if (record === undefined) return
  if (record.kind !== 'trial') {
    await settleLeft(work, record, signal)
    return
  }
  await work.inTurn(server, async () => {
    const trial = current()
    if (trial?.kind === 'trial') await lookAtTrial(work, trial, memory, signal)
  })
}

export function openRecords({ ledger }: Pick<IndexWork, 'ledger'>): readonly LedgerRecord[] {
  return ledger.servers.flatMap((server) => {
    try {
      return ledger.of(server).filter(isOpen)
    } catch {
      // It is damaged, which was told when it was read.
      return []
    }
  })
}

/** Trials of a server that go on. @throws PgherdError BAD_DATA where its ledger is damaged */
export function openTrialsOf({ ledger }: Pick<IndexWork, 'ledger'>, server: string): readonly TrialRecord[] {
  return ledger.of(server).filter((one): one is TrialRecord => one.kind === 'trial' && isOpen(one))
}

/**
 * Why nothing that takes long is to be begun on a server: of its two connections a trial may need one at any time, to be ended.
 * @param except - an index whose own trial does not count
 */
export function problemsOfTrials(
  work: Pick<IndexWork, 'ledger'>,
  server: string,
  except?: Pick<SavedIndex, 'oid' | 'database'>,
): readonly string[] {
  return openTrialsOf(work, server)
    .filter((one) => except === undefined || !isAbout(one, except))
    .map(
      ({ id, index }) =>
        `${index.sql} is on trial (${id}), which has to be ended before: agentctl index trial-end`,
    )
}

/** Why an index is not to be built anew: its drop has begun, and is being finished. */
export function problemsOfDrops(
  { ledger }: Pick<IndexWork, 'ledger'>,
  server: string,
  index: Pick<SavedIndex, 'oid' | 'database'>,
): readonly string[] {
  return ledger
    .of(server)
    .filter((one) => one.state === 'dropping' && isAbout(one, index))
    .map(({ id }) => `its drop (${id}) has begun, and is being finished`)
}

/** The end of a trial does not wait for the next look. */
function pauseOf(open: readonly LedgerRecord[], nowMs: number, lookMs: number): number {
  const ends = open.flatMap((one) =>
    one.kind === 'trial' && one.untilMs > nowMs ? [one.untilMs - nowMs] : [],
  )
  return Math.min(lookMs, Math.max(100, Math.min(...ends)))
}

/** It may have meanwhile. */
const hasEnded = ({ aborted }: AbortSignal): boolean => aborted
