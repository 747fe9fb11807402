import type { Advice } from '../../../common/tuning/advice.ts'
import type { Needs } from '../../../common/tuning/proposal.ts'
import type { TunePlan } from '../../../common/tuning/tune-plan.ts'

/** One setting that would change, with everything that is known of why. */
export interface Difference {
  readonly of: 'server' | 'pooler' | 'kernel'
  readonly name: string
  readonly now: string | null
  readonly wanted: string
  readonly needs: Needs
  readonly reason: string
  readonly evidence: string
  readonly risk: string
  readonly effect: string
  readonly confidence: string
  /** Where it is set now; empty for a default, or where no plan was made. */
  readonly where: string
  /** `staged`: it is written and waits for a restart. Null where no plan was made. */
  readonly state: 'staged' | 'change' | null
}

/**
 * What is proposed, joined with what a plan has found about it. Settings that are as wanted are left out; those that
 * somebody planned without an advice have no reason.
 */
export function differencesOf(advice: Advice | null, plan: TunePlan | null): readonly Difference[] {
  const planned = new Map((plan?.settings ?? []).map((one) => [one.name, one]))
  const of = (part: Difference['of'], proposals: Advice['proposals']): readonly Difference[] =>
    proposals.flatMap((one) => {
      const found = part === 'server' ? planned.get(one.parameter) : undefined
      if (found?.state === 'as-wanted') return []
      return [
        {
          of: part,
          name: one.parameter,
          now: found?.current ?? one.current,
          wanted: found?.wanted ?? one.proposed,
          needs: found?.needs ?? one.needs,
          reason: one.reason,
          evidence: one.evidence,
          risk: one.risk,
          effect: one.effect,
          confidence: one.confidence,
          where: found?.where ?? '',
          state: found?.state ?? null,
        } satisfies Difference,
      ]
    })
  const advised = advice === null ? [] : of('server', advice.proposals)
  const known = new Set(advice?.proposals.map(({ parameter }) => parameter))
  const said = [...planned.values()]
    .filter(({ name, state }) => !known.has(name) && state !== 'as-wanted')
    .map((one): Difference => ({
      of: 'server',
      name: one.name,
      now: one.current,
      wanted: one.wanted,
      needs: one.needs,
      reason: '',
      evidence: '',
      risk: '',
      effect: '',
      confidence: '',
      where: one.where,
      state: one.state === 'as-wanted' ? null : one.state,
    }))
  return [
    ...advised,
    ...said,
    ...(advice === null ? [] : [...of('pooler', advice.pooler), ...of('kernel', advice.kernel)]),
  ]
}
