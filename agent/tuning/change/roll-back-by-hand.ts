import { PgherdError } from '../../../common/errors.ts'
import type { TunedServer } from '../apply-settings.ts'
import { printValue } from '../recommend/print-value.ts'
import type { ChangeAsked } from './change-asked.ts'
import { namesOf } from './change-record.ts'
import type { ChangeRecord } from './change-record.ts'
import type { ChangeWork } from './change-work.ts'
import { takeChangeBack } from './finish-change.ts'
import { isOrAre, tellNames } from './tell-names.ts'
import { valuesNow } from './values-now.ts'

/**
 * The change that is meant: the newest that is not taken back unless one is named, by its id or the beginning of it.
 * @throws PgherdError NOT_FOUND, or REFUSED where several begin so
 */
export function findChange(
  { journal }: Pick<ChangeWork, 'journal'>,
  server: string,
  change: string | undefined,
): ChangeRecord {
  const known = journal.of(server)
  const found =
    change === undefined
      ? known.findLast(({ state }) => state !== 'rolled-back' && state !== 'left-alone')
      : byId(known, change)
  if (found !== undefined) return found
  throw new PgherdError(
    'NOT_FOUND',
    change === undefined
      ? `nothing was changed on ${server} that could be taken back`
      : `${server} has no change ${change}; the last ones are ${
          known
            .slice(-5)
            .map(({ id }) => id)
            .join(', ') || 'none'
        }`,
  )
}

function byId(known: readonly ChangeRecord[], change: string): ChangeRecord | undefined {
  const exact = known.find(({ id }) => id === change)
  if (exact !== undefined) return exact
  const begin = known.filter(({ id }) => id.startsWith(change.toLowerCase()))
  if (begin.length < 2) return begin[0]
  throw new PgherdError(
    'REFUSED',
    `the ids of several changes begin with ${change}: ${begin.map(({ id }) => id).join(', ')}. Nothing was changed.`,
  )
}

/** Why a change is not taken back by hand, a sentence each. */
export function againstRollback({ journal }: ChangeWork, record: ChangeRecord): readonly string[] {
  if (record.state === 'rolled-back') return [`the change ${record.id} was taken back already`]
  const known = journal.of(record.server)
  const later = known.slice(known.findIndex(({ id }) => id === record.id) + 1)
  const names = new Set(namesOf(record))
  return later.flatMap((one) => {
    const same = namesOf(one).filter((name) => names.has(name))
    if (same.length === 0 || one.state === 'rolled-back' || one.state === 'left-alone') return []
    return [`the later change ${one.id} has set ${tellNames(same)} since: take that one back first`]
  })
}

/** What taking it back would do, in lines; those that speak against it begin with `REFUSED`. @throws PgherdError of the server */
export async function planRollback(
  work: ChangeWork,
  asked: ChangeAsked,
  change: string | undefined,
): Promise<readonly string[]> {
  const record = findChange(work, asked.server, change)
  const refusals = againstRollback(work, record).map((why) => `REFUSED: ${why}`)
  if (refusals.length > 0) return refusals
  const values = await tunedOf(work, asked, record, (tuned) => valuesNow(tuned, record))
  const gone = values.filter(({ state }) => state === 'change').map(({ name }) => name)
  const restarts = record.settings.filter(
    ({ name, needsRestart }) =>
      needsRestart && values.some((one) => one.name === name && one.state === 'as-wanted'),
  )
  const print = (value: string | null, unit: string | null): string =>
    value === null ? 'what is below it' : printValue({ value, unit })
  return [
    `takes back the change ${record.id} of ${new Date(record.startedMs).toISOString().slice(0, 19)}Z, which is ${record.state}`,
    ...record.settings
      .filter(({ name }) => !gone.includes(name))
      .map(({ name, before, after, unit }) => `${name} from ${print(after, unit)} to ${print(before, unit)}`),
    ...(gone.length === 0
      ? []
      : [
          `${tellNames(gone)} ${isOrAre(gone)} no longer as it was written: somebody else has changed it, and it stays`,
        ]),
    ...(restarts.length === 0
      ? []
      : [
          `${tellNames(restarts.map(({ name }) => name))}: another restart is needed, which this does not do`,
        ]),
  ]
}

/** Takes a change back because somebody wants it. @throws PgherdError REFUSED, NOT_FOUND, or of the server */
export async function rollBackByHand(
  work: ChangeWork,
  asked: ChangeAsked,
  change: string | undefined,
): Promise<ChangeRecord> {
  const record = findChange(work, asked.server, change)
  const refusals = againstRollback(work, record)
  if (refusals.length > 0) throw new PgherdError('REFUSED', `${refusals.join('; ')}. Nothing was changed.`)
  return tunedOf(work, asked, record, (tuned) => takeChangeBack(work, tuned, record, 'it was asked for'))
}

/** The session of whoever asks, and the keeper that the change was made in. */
export function tunedOf<T>(
  { clock }: ChangeWork,
  { session, signal, withKeeper }: ChangeAsked,
  { scope }: ChangeRecord,
  work: (tuned: TunedServer) => Promise<T>,
): Promise<T> {
  const alone = { session, keeper: undefined, clock, signal }
  return scope === null ? work(alone) : withKeeper(scope, (keeper) => work({ ...alone, keeper }))
}
