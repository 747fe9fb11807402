import { advise } from '../../../../agent/tuning/advise/advise.ts'
import type { AdviseInput, ServerAdvice } from '../../../../agent/tuning/advise/advise.ts'
import type { Evidence } from '../../../../agent/tuning/evidence/evidence.ts'
import type { KnownServer } from '../../../../agent/tuning/recommend/known-server.ts'
import type { Situation } from '../../../../agent/tuning/recommend/situation.ts'
import { nothing } from '../../../../agent/tuning/rules/rule.ts'
import type { Rule, RuleDraft } from '../../../../agent/tuning/rules/rule.ts'
import type { Proposal } from '../../../../common/tuning/proposal.ts'
import { quietHost } from '../observed-server.ts'
import { situationFor } from '../recommend/some-machine.ts'

/** A window in which nothing was counted, for rules that are made up. */
export function evidenceOf(hours: number, gauges: Readonly<Record<string, number>> = {}): Evidence {
  const none = (): undefined => undefined
  const of = (name: string): number | undefined => gauges[name]
  return {
    fromMs: 0,
    toMs: hours * 3_600_000,
    hours,
    hoursSinceStart: 1000,
    inRecovery: false,
    increase: none,
    perSecond: none,
    peakPerSecond: none,
    mean: of,
    max: of,
    usualMax: of,
    last: of,
  }
}

/** A server of 17 that runs on 16 GB and 4 processors, with values of its own in pg_settings' units, which somebody has set. */
export function runningSituation(
  set: Readonly<Record<string, string>> = {},
  of: Partial<KnownServer> = {},
): Situation {
  const situation = situationFor({})
  const settings = new Map(
    [...situation.server.settings].map(([name, setting]) => [name, { ...setting, isSet: false }]),
  )
  for (const [name, value] of Object.entries(set)) {
    settings.set(name, { ...settings.get(name)!, value, isSet: true })
  }
  return { ...situation, server: { ...situation.server, isRunning: true, settings, ...of } }
}

type Wish = Pick<RuleDraft, 'parameter' | 'proposed'> & Partial<RuleDraft>

export const wish = (parameter: string, proposed: string, more: Partial<RuleDraft> = {}): Wish => ({
  parameter,
  proposed,
  ...more,
})

/** A rule that always finds the same, or only in windows of which `seen` says so. */
export function ruleOf(
  id: string,
  wishes: readonly Wish[],
  {
    notes = [],
    seen = () => true,
  }: { notes?: readonly string[]; seen?: (evidence: Evidence) => boolean } = {},
): Rule {
  const drafts = wishes.map((one) => ({
    reason: `${id} has seen it`,
    evidence: 'made up',
    risk: 'none',
    effect: 'none',
    confidence: 'high' as const,
    ...one,
  }))
  return { id, what: 'made up', advise: ({ evidence }) => (seen(evidence) ? { drafts, notes } : nothing) }
}

export interface Advised extends ServerAdvice {
  readonly proposal: (parameter: string) => Proposal | undefined
  readonly unchangedOf: (parameter: string) => Proposal | undefined
}

/** The advice of a server with a week of history, unless told otherwise. */
export function advised(
  rules: readonly Rule[],
  other: Partial<AdviseInput> & { readonly hours?: number; readonly newerHalf?: Evidence } = {},
): Advised {
  const { hours = 168, newerHalf = evidenceOf(hours / 2), ...input } = other
  const answer = advise({
    situation: runningSituation(),
    host: quietHost,
    details: {},
    rules,
    history: hours === 0 ? undefined : { evidence: evidenceOf(hours), newerHalf },
    owner: undefined,
    changes: [],
    nowMs: 1_800_000_000_000,
    ...input,
  })
  const find = (all: readonly Proposal[], parameter: string): Proposal | undefined =>
    all.find((one) => one.parameter === parameter && one.target === undefined)
  return {
    ...answer,
    proposal: (parameter) => find(answer.proposals, parameter),
    unchangedOf: (parameter) => find(answer.unchanged, parameter),
  }
}
