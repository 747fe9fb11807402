import type { KnownServer, KnownSetting } from '../recommend/known-server.ts'
import type { Advised, Sifted } from './advised.ts'
import { subjectOf } from './advised.ts'
import { memorySettings, moreWhenSmaller, urgentRules } from './constants.ts'
import { directionOf, numberOf } from './direction.ts'

export interface Chosen extends Sifted {
  /** What rules contradict each other about, so that nothing is said of it. */
  readonly contested: ReadonlySet<string>
}

/**
 * One value for each setting that several rules are about. What cannot wait comes first. Where rules go opposite ways, memory is made
 * smaller, and anything else stays as it is. Where they go the same way the one that goes further includes the others. Of words the
 * first rule's counts.
 */
export function chooseOne(advised: readonly Advised[], { settings }: Pick<KnownServer, 'settings'>): Chosen {
  const notes: string[] = []
  const contested = new Set<string>()
  const chosen = [...Map.groupBy(advised, subjectOf).values()].flatMap((several) => {
    const setting = settings.get(several[0]!.parameter)
    if (several.length === 1 || setting === undefined) return several.slice(0, 1)
    const urgent = several.filter(({ rule }) => urgentRules.has(rule))
    const found = oneOf(setting, urgent.length > 0 ? urgent : several)
    if (found === undefined) {
      notes.push(contradiction(several))
      contested.add(several[0]!.parameter)
    }
    return found === undefined ? [] : [found]
  })
  return { advised: chosen, notes, contested }
}

function oneOf(setting: KnownSetting, several: readonly Advised[]): Advised | undefined {
  const toward = (direction: string): readonly Advised[] =>
    several.filter(({ proposed }) => directionOf(setting, proposed) === direction)
  const [ups, downs] = [toward('up'), toward('down')]
  if (ups.length > 0 && downs.length > 0) {
    return memorySettings.has(several[0]!.parameter) ? furthest(setting, downs, 'down') : undefined
  }
  const same = ups.length > 0 ? ups : downs
  const [first] = several
  if (same.length > 0) return furthest(setting, same, ups.length > 0 ? 'up' : 'down')
  // -1 and words: more of one thing cannot be told from less of it, but numbers that end an unlimited one can.
  const numbers = several.every(({ proposed }) => (numberOf(setting, proposed) ?? 0) > 0)
  const { parameter = '' } = first ?? {}
  return numbers ? furthest(setting, several, moreWhenSmaller.has(parameter) ? 'down' : 'up') : first
}

function furthest(setting: KnownSetting, several: readonly Advised[], way: 'up' | 'down'): Advised {
  const sign = way === 'up' ? 1 : -1
  const sorted = several.toSorted(
    (a, b) => sign * ((numberOf(setting, b.proposed) ?? 0) - (numberOf(setting, a.proposed) ?? 0)),
  )
  const [first, ...others] = sorted
  const also = [...new Set(others.map(({ rule }) => rule))].filter((rule) => rule !== first!.rule)
  if (also.length === 0) return first!
  return { ...first!, reason: `${first!.reason} (${also.join(' and ')} would have it too)` }
}

function contradiction(several: readonly Advised[]): string {
  const wishes = several.map(({ rule, proposed, reason }) => `${rule} would have ${proposed} (${reason})`)
  return `${several[0]!.parameter} stays as it is, because rules contradict each other: ${wishes.join('; ')}`
}
