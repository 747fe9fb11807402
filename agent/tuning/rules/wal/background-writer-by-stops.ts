import { printShare } from '../../../../common/tuning/print-size.ts'
import { settingOf } from '../../recommend/situation.ts'
import { isWarm } from '../is-warm.ts'
import { nothing } from '../rule.ts'
import type { Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

export const backgroundWriterByStops: Rule = {
  id: 'W9',
  what: 'sessions that write pages themselves, while the background writer may not write more',
  advise(input) {
    const { evidence, situation } = input
    const stops = evidence.increase('writers.maxwritten_clean')
    const perMinute = (evidence.perSecond('writers.maxwritten_clean') ?? 0) * 60
    const byClients = evidence.increase('writers.client_writes')
    const all = evidence.increase('writers.all_writes')
    if (!isWarm(evidence) || stops === undefined || byClients === undefined || all === undefined)
      return nothing
    if (all < constants.events || perMinute <= constants.stopsPerMinute) return nothing
    const share = byClients / all
    if (share <= constants.clientWriteShare) return nothing

    // Before 16 nobody tells the writes of COPY and VACUUM from others.
    const isExact = situation.server.major >= 16
    const seen = `the background writer stopped ${stops} times because it had written bgwriter_lru_maxpages (${perMinute.toFixed(1)} per minute), and ${printShare(share)} of ${all} pages were written by sessions${isExact ? '' : ', those of COPY and VACUUM among them'}`
    const next = nextStep(input)
    if (next.length === 0) {
      return {
        drafts: [],
        notes: [
          `${seen}; it cannot write more often, so that more shared_buffers or a faster disk have to help`,
        ],
      }
    }
    return {
      drafts: next.map(({ parameter, proposed }) => ({
        parameter,
        proposed,
        reason: seen,
        evidence: isExact
          ? 'rate(pg_bgwriter_maxwritten_clean[5m]), and writes of pg_stat_io in context normal by backend_type'
          : 'rate(pg_bgwriter_maxwritten_clean[5m]), and pg_stat_bgwriter.buffers_backend beside buffers_checkpoint and buffers_clean',
        risk: 'pages that change again are written twice: take it back where all writes together rise by more than 15 %',
        effect: 'a session that needs a buffer finds one that is clean',
        confidence: isExact ? 'medium' : 'low',
      })),
      notes: [],
    }
  },
}

/** One step: how much it writes at once, and only then how often. */
function nextStep({ situation }: RuleInput): readonly Pick<RuleDraft, 'parameter' | 'proposed'>[] {
  const pages = settingOf(situation, 'bgwriter_lru_maxpages') ?? 0
  const delay = settingOf(situation, 'bgwriter_delay') ?? 0
  const multiplier = settingOf(situation, 'bgwriter_lru_multiplier') ?? constants.cleanMultiplier
  const morePages = constants.maxPagesSteps.find((step) => step > pages)
  const lessDelay = constants.delaySteps.find((step) => step < delay)
  if (morePages !== undefined) return [{ parameter: 'bgwriter_lru_maxpages', proposed: String(morePages) }]
  return [
    ...(lessDelay === undefined ? [] : [{ parameter: 'bgwriter_delay', proposed: `${lessDelay}ms` }]),
    ...(multiplier >= constants.cleanMultiplier
      ? []
      : [{ parameter: 'bgwriter_lru_multiplier', proposed: String(constants.cleanMultiplier) }]),
  ]
}
