import type { Evidence } from '../evidence/evidence.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import type { Rule, RuleInput } from '../rules/rule.ts'
import type { Advised, Sifted } from './advised.ts'
import { subjectOf } from './advised.ts'
import { constants, urgentRules } from './constants.ts'
import { directionOf } from './direction.ts'
import { isAvailable } from './is-available.ts'

export interface Found extends Sifted {
  /** Ids of the rules that have found something. */
  readonly speaking: ReadonlySet<string>
}

/**
 * What the rules say to a window. Below a day of it their confidence is low; from two days on its newer half has to say the same, since
 * what was before may be over. What cannot wait counts from the first sample, if it is still so in the newer half.
 * @param newerHalf - undefined where the window is too short for it
 */
export function findAdvised(
  rules: readonly Rule[],
  input: RuleInput,
  newerHalf: Evidence | undefined,
): Found {
  const { hours } = input.evidence
  const isShort = hours < constants.fullWindowHours
  const hasHalves = hours >= constants.halvesFromHours && newerHalf !== undefined
  const advised: Advised[] = []
  const notes: string[] = []
  const speaking = new Set<string>()
  for (const rule of rules) {
    const whole = rule.advise(input)
    if (whole.drafts.length === 0 && whole.notes.length === 0) continue
    const newer =
      hasHalves && rule.isOfWholeWindow !== true ? rule.advise({ ...input, evidence: newerHalf }) : whole
    if (newer.drafts.length === 0 && newer.notes.length === 0) {
      notes.push(`${rule.id} (${rule.what}) was seen before, and no more in the newer half of ${of(hours)}`)
      continue
    }
    speaking.add(rule.id)
    // The sentences of the newer half are those of now.
    notes.push(...newer.notes)
    const goes = directions(newer.drafts, input.situation.server)
    for (const draft of whole.drafts) {
      if (!isAvailable(draft, input.situation.server)) continue
      if (goes.get(subjectOf(draft)) !== directions([draft], input.situation.server).get(subjectOf(draft))) {
        notes.push(
          `${rule.id} says another thing of ${draft.parameter} in the newer half of ${of(hours)} than in the whole, and is left out`,
        )
        continue
      }
      const confidence = isShort && !urgentRules.has(rule.id) ? 'low' : draft.confidence
      advised.push({ ...draft, confidence, rule: rule.id })
    }
  }
  return { advised, notes, speaking }
}

const of = (hours: number): string => `${Math.round(hours)} h`

/** Where each draft goes; words count by what they are. */
function directions(
  drafts: readonly Pick<Advised, 'parameter' | 'proposed' | 'scope'>[],
  { settings }: KnownServer,
): ReadonlyMap<string, string> {
  return new Map(
    drafts.map((draft) => {
      const setting = settings.get(draft.parameter)
      const direction = setting === undefined ? 'other' : directionOf(setting, draft.proposed)
      // Of a role or a table nobody knows here what is set, and sizes that differ a little are the same advice.
      return [
        subjectOf(draft),
        direction === 'other' && setting?.vartype === 'enum' ? draft.proposed : direction,
      ]
    }),
  )
}
