import type { DatabaseSync } from 'node:sqlite'
import { postableSilence } from '../../../common/alerts/silence.ts'
import type { LabelMatcher, PostableSilence, Silence } from '../../../common/alerts/silence.ts'
import { printMatcher } from '../../../common/alerts/matcher-text.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'
import type { Clock } from '../../../common/clock.ts'
import { PgherdError, messageOf } from '../../../common/errors.ts'
import { z } from 'zod'
import { matchLabels, matchesEverything } from './match-labels.ts'
import type { LabelPredicate } from './match-labels.ts'
import { silenceFact } from './silence-fact.ts'

/** The silences that the collector keeps itself, for where there is no Alertmanager. */
export interface SilenceBook {
  /** Expired ones too, for five days. @param filters - those with each of these matchers among their own, as Alertmanager narrows them */
  list(filters: readonly LabelMatcher[]): readonly Silence[]
  one(id: string): Silence | undefined
  /**
   * Keeps a silence, or changes the one whose `id` it has unless that has ended.
   * @returns its id
   * @throws PgherdError BAD_DATA, NOT_FOUND for an id that there is not, OVERLOADED, DISK_FULL, what the audit rejects with
   */
  set(silence: PostableSilence, by: string): Promise<string>
  /** Ends it now; one that has ended stays as it is. @throws PgherdError NOT_FOUND, DISK_FULL, what the audit rejects with */
  end(id: string, by: string): Promise<void>
  isSilenced(labels: Readonly<Record<string, string>>): boolean
}

/** As Alertmanager keeps them by default. */
const keptMs = 5 * 86_400_000
const maxSilences = 10_000

const stored = postableSilence.extend({ id: z.string(), updatedMs: z.number() })

interface Kept {
  readonly silence: PostableSilence & { readonly id: string; readonly updatedMs: number }
  readonly startsMs: number
  readonly endsMs: number
  readonly passes: LabelPredicate
}

export function openSilenceBook(options: {
  readonly database: DatabaseSync
  readonly clock: Clock
  /** Is told before anything is done; where it rejects, nothing is. */
  readonly audit: (fact: AuditFact) => Promise<unknown>
  readonly newId: () => string
  /** Called when what is silenced may have changed. */
  readonly onChange?: () => void
}): SilenceBook {
  const { clock, database } = options
  const put = database.prepare(
    `INSERT INTO silences (id, ends_ms, silence) VALUES (:id, :endsMs, :silence)
     ON CONFLICT (id) DO UPDATE SET ends_ms = excluded.ends_ms, silence = excluded.silence`,
  )
  const forget = database.prepare('DELETE FROM silences WHERE ends_ms < ?')
  const book = new Map<string, Kept>()
  for (const row of database.prepare('SELECT silence FROM silences ORDER BY ends_ms').all()) {
    const kept = keep(stored.parse(JSON.parse(String(row['silence']))))
    book.set(kept.silence.id, kept)
  }

  const write = (kept: Kept): void => {
    try {
      put.run({ id: kept.silence.id, endsMs: kept.endsMs, silence: JSON.stringify(kept.silence) })
      forget.run(clock.now() - keptMs)
    } catch (error) {
      throw new PgherdError('DISK_FULL', `the silence cannot be kept: ${messageOf(error)}`, { cause: error })
    }
    book.set(kept.silence.id, kept)
    for (const [id, { endsMs }] of book) if (endsMs < clock.now() - keptMs) book.delete(id)
    options.onChange?.()
  }
  const known = (id: string): Kept => {
    const kept = book.get(id)
    if (kept === undefined) throw new PgherdError('NOT_FOUND', `there is no silence "${id.slice(0, 100)}"`)
    return kept
  }
  const view = ({ silence, startsMs, endsMs }: Kept): Silence => {
    const { updatedMs, ...rest } = silence
    const nowMs = clock.now()
    const state = endsMs <= nowMs ? 'expired' : startsMs > nowMs ? 'pending' : 'active'
    return { ...rest, status: { state }, updatedAt: new Date(updatedMs).toISOString() }
  }

  return {
    list(filters) {
      const wanted = filters.map(printMatcher)
      return [...book.values()]
        .filter(({ silence }) => {
          const own = silence.matchers.map(printMatcher)
          return wanted.every((matcher) => own.includes(matcher))
        })
        .map(view)
    },
    one(id) {
      const kept = book.get(id)
      return kept === undefined ? undefined : view(kept)
    },
    async set(given, by) {
      const nowMs = clock.now()
      const before = given.id === undefined || given.id === '' ? undefined : known(given.id)
      const isChange = before !== undefined && before.endsMs > nowMs
      // What has been noisy until now cannot be silenced any more.
      const startsMs = Math.max(Date.parse(given.startsAt), isChange ? before.startsMs : nowMs)
      const kept = keep({
        ...given,
        id: isChange ? before.silence.id : options.newId(),
        startsAt: new Date(startsMs).toISOString(),
        endsAt: new Date(Date.parse(given.endsAt)).toISOString(),
        updatedMs: nowMs,
      })
      if (kept.endsMs <= nowMs)
        throw new PgherdError('BAD_DATA', 'endsAt: a silence has to end in the future')
      if (kept.endsMs <= startsMs)
        throw new PgherdError('BAD_DATA', 'endsAt: a silence has to end after it starts')
      if (matchesEverything(given.matchers)) {
        const text = given.matchers.map(printMatcher).join(', ')
        throw new PgherdError(
          'BAD_DATA',
          `matchers: ${text} would silence everything; allowed: one at least that does not match the empty text`,
        )
      }
      if (book.size >= maxSilences) {
        throw new PgherdError('OVERLOADED', `there are ${maxSilences} silences, and no more are kept`)
      }
      await options.audit(silenceFact('silence-set', kept.silence, by))
      write(kept)
      return kept.silence.id
    },
    async end(id, by) {
      const { silence, endsMs, startsMs } = known(id)
      const nowMs = clock.now()
      if (endsMs <= nowMs) return
      await options.audit(silenceFact('silence-ended', silence, by))
      const endsAt = new Date(nowMs).toISOString()
      const startsAt = startsMs > nowMs ? endsAt : silence.startsAt
      write(keep({ ...silence, startsAt, endsAt, updatedMs: nowMs }))
    },
    isSilenced(labels) {
      const nowMs = clock.now()
      for (const { startsMs, endsMs, passes } of book.values()) {
        if (startsMs <= nowMs && nowMs < endsMs && passes(labels)) return true
      }
      return false
    },
  }
}

/** @throws PgherdError BAD_DATA for a regular expression that is none */
function keep(silence: Kept['silence']): Kept {
  return {
    silence,
    startsMs: Date.parse(silence.startsAt),
    endsMs: Date.parse(silence.endsAt),
    passes: matchLabels(silence.matchers),
  }
}
