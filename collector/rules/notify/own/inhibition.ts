import type { LabelPredicate } from '../../silences/match-labels.ts'

/** While an alert that is a source fires, targets with the same values of `equal` are not told (Alertmanager: inhibit_rules). */
export interface InhibitRule {
  readonly isSource: LabelPredicate
  readonly isTarget: LabelPredicate
  readonly equal: readonly string[]
}

type Labels = Readonly<Record<string, string>>

/**
 * Which alerts are told by others.
 * @param firing - labels of all alerts that fire, silenced ones included
 */
export function inhibited(
  rules: readonly InhibitRule[],
  firing: readonly Labels[],
): (labels: Labels) => boolean {
  const sources = rules.map((rule) => ({ rule, from: sourcesOf(rule, firing) }))
  return (labels) =>
    sources.some(({ rule, from }) => {
      const found = from.get(keyOf(rule, labels))
      if (found === undefined || !rule.isTarget(labels)) return false
      // What is both is told by nobody who is both as well; else two of a kind would hide each other.
      return rule.isSource(labels) ? found.some((source) => !rule.isTarget(source)) : true
    })
}

function sourcesOf(rule: InhibitRule, firing: readonly Labels[]): ReadonlyMap<string, readonly Labels[]> {
  return Map.groupBy(
    firing.filter((labels) => rule.isSource(labels)),
    (labels) => keyOf(rule, labels),
  )
}

function keyOf({ equal }: InhibitRule, labels: Labels): string {
  return JSON.stringify(equal.map((name) => labels[name] ?? ''))
}
