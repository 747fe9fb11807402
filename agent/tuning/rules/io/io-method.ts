import { printShare } from '../../../../common/tuning/print-size.ts'
import { isWarm } from '../is-warm.ts'
import type { Rule } from '../rule.ts'
import { nothing } from '../rule.ts'
import { constants } from './constants.ts'
import { isAnsweredByMemory } from './is-answered-by-memory.ts'

/** What io workers fetch from the page cache, sessions could fetch themselves (18). */
export const ioMethod: Rule = {
  id: 'I5',
  what: 'io workers that are busy with what is in memory',
  advise({ evidence, situation }) {
    const share = evidence.mean('io_workers.saturated') ?? 0
    const waiting = evidence.mean('io_workers.waiting') ?? 0
    const isHot = share >= constants.hotShare || waiting >= constants.hotWaiting
    const method = situation.server.settings.get('io_method')
    if (method?.value !== 'worker' || !isHot) return nothing
    if (!isAnsweredByMemory(evidence) || !isWarm(evidence)) return nothing
    const uring =
      method.enumValues?.includes('io_uring') === true ? ' or io_uring, which this build has,' : ''
    const note = `all io workers were busy in ${printShare(share)} of the looks, and ${waiting.toFixed(1)} sessions waited for them in the mean, while the disk had hardly anything to do: io_method = sync${uring} may be quicker for data in the page cache; it takes a restart, and is to be tried where it can be measured`
    return { drafts: [], notes: [note] }
  },
}
