import type { RuleDefinition } from './rule-types.ts'

/**
 * Which rule of a changed group goes on as which: by its definition, and where that changed by its name and labels,
 * the first with the first, as Prometheus matches them (rules/group.go: CopyState).
 * @returns of each rule after the change, the index of the one before it whose state it takes over
 */
export function matchRules(
  before: readonly RuleDefinition[],
  after: readonly RuleDefinition[],
): readonly (number | undefined)[] {
  const taken = new Set<number>()
  const found = new Array<number | undefined>(after.length).fill(undefined)
  for (const keyOf of [definitionKey, seriesKey]) {
    const free = new Map<string, number[]>()
    for (const [i, definition] of before.entries()) {
      if (taken.has(i)) continue
      const key = keyOf(definition)
      free.set(key, [...(free.get(key) ?? []), i])
    }
    for (const [i, definition] of after.entries()) {
      const index = found[i] === undefined ? free.get(keyOf(definition))?.shift() : undefined
      if (index === undefined) continue
      taken.add(index)
      found[i] = index
    }
  }
  return found
}

/** What decides which series and alerts a rule makes. */
function seriesKey({ kind, name, labels }: RuleDefinition): string {
  return JSON.stringify([kind, name, sorted(labels)])
}

function definitionKey(definition: RuleDefinition): string {
  const timing =
    definition.kind === 'alerting'
      ? [definition.forMs, definition.keepFiringForMs, sorted(definition.annotations)]
      : []
  return JSON.stringify([seriesKey(definition), definition.expression, ...timing])
}

function sorted(texts: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))
}
