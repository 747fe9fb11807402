import { printMatcher } from '../../../common/alerts/matcher-text.ts'
import type { PostableSilence } from '../../../common/alerts/silence.ts'
import type { AuditFact } from '../../../common/audit/entry.ts'

/** What the audit says of a silence that is set or ended. @param by - who asked, as the collector knows it */
export function silenceFact(
  event: 'silence-set' | 'silence-ended',
  silence: Pick<PostableSilence, 'matchers' | 'endsAt' | 'comment' | 'createdBy'>,
  by: string,
): AuditFact {
  const matchers = silence.matchers.map(printMatcher).join(', ')
  const until = event === 'silence-set' ? ` until ${silence.endsAt}` : ''
  const named =
    silence.createdBy === '' || silence.createdBy === by ? '' : `, in the name of ${silence.createdBy}`
  return {
    event,
    who: by,
    what: `${matchers}${until}${named}`,
    where: '',
    why: silence.comment,
    command: null,
    outcome: null,
    digest: null,
  }
}
