import type { Detection } from '../../../../common/tuning/detection.ts'

export type Section = Detection['sections'][number]
export type Fact = Section['facts'][number]

/** What is known, with where it is from; nothing where it is not. */
export function fact(name: string, value: string | null | undefined, from: string): readonly Fact[] {
  return value == null || value === '' ? [] : [{ name, value, from }]
}

/** A section with what is known for it; none where that is nothing. */
export function section(title: string, facts: readonly (readonly Fact[])[]): readonly Section[] {
  const known = facts.flat()
  return known.length === 0 ? [] : [{ title, facts: known }]
}
