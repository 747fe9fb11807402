/** `a`, `a and b`, `a, b and c`. */
export function tellNames(names: readonly string[]): string {
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}

export const isOrAre = (names: readonly string[]): string => (names.length === 1 ? 'is' : 'are')
