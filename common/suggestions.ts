import { editDistance } from './edit-distance.ts'

/** The known names nearest to a misspelt one, or all of them when none is near: what "allowed:" goes on with. */
export function suggestions(wrong: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, distance: editDistance(wrong, name) }))
    .filter(({ distance }) => distance <= Math.max(2, wrong.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
  return (near.length > 0 ? near.map(({ name }) => name) : known).join(', ')
}
