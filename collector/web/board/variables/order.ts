import type { Variable } from '../model/variable.ts'
import { referencesIn } from './expand.ts'

/** Names of the other variables that this one's choices depend on. */
function needs(variable: Variable, all: readonly Variable[]): readonly string[] {
  const names = new Set(referencesIn(`${variable.query} ${variable.regex ?? ''}`))
  return all.map(({ name }) => name).filter((name) => name !== variable.name && names.has(name))
}

/** Each after those that it depends on, otherwise as they stand; of a circle, the first one comes first. */
export function inOrderOfNeed(variables: readonly Variable[]): readonly Variable[] {
  const ordered: Variable[] = []
  const seen = new Set<string>()
  const visit = (variable: Variable): void => {
    if (seen.has(variable.name)) return
    seen.add(variable.name)
    for (const name of needs(variable, variables)) visit(variables.find((one) => one.name === name)!)
    ordered.push(variable)
  }
  variables.forEach(visit)
  return ordered
}

/** Names of all that depend on a variable, directly or through others. */
export function dependentsOf(name: string, variables: readonly Variable[]): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (of: string): void => {
    for (const variable of variables) {
      if (found.has(variable.name) || variable.name === name) continue
      if (!needs(variable, variables).includes(of)) continue
      found.add(variable.name)
      visit(variable.name)
    }
  }
  visit(name)
  return found
}
