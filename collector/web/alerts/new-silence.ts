import type { PostableSilence } from '../../../common/alerts/silence.ts'
import type { Alert } from '../api/answers.ts'

const hourMs = 3_600_000

/** For how long an alert may be silenced with one click, by what a person calls it. */
export const lengths: ReadonlyMap<string, number> = new Map([
  ['30 minutes', hourMs / 2],
  ['2 hours', 2 * hourMs],
  ['8 hours', 8 * hourMs],
  ['1 day', 24 * hourMs],
  ['1 week', 168 * hourMs],
])

/** Labels that say what an alert is about; the others say how bad it is, which may change. */
const subjects = ['alertname', 'cls', 'cluster', 'ins', 'ip', 'datname', 'repository'] as const

/** A silence of one alert and of none that is about something else. */
export function silenceFor(
  { labels }: Alert,
  told: { readonly by: string; readonly comment: string; readonly forMs: number },
  nowMs: number,
): PostableSilence {
  return {
    matchers: subjects.flatMap((name) => {
      const value = labels[name]
      return value === undefined ? [] : [{ name, value, isRegex: false, isEqual: true }]
    }),
    startsAt: new Date(nowMs).toISOString(),
    endsAt: new Date(nowMs + told.forMs).toISOString(),
    createdBy: told.by,
    comment: told.comment,
  }
}
