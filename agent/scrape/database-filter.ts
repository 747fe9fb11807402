/** Which databases are measured besides the main one: names, `*` stands for any text. */
export interface DatabaseFilter {
  /** Empty means all. */
  readonly include: readonly string[]
  /** Wins over `include`. */
  readonly exclude: readonly string[]
}

/** @returns the names that a filter lets through, in their order */
export function createDatabaseFilter(
  filter: DatabaseFilter,
): (names: readonly string[]) => readonly string[] {
  const include = filter.include.map(pattern)
  const exclude = filter.exclude.map(pattern)
  return (names) =>
    names.filter(
      (name) =>
        (include.length === 0 || include.some((one) => one.test(name))) &&
        !exclude.some((one) => one.test(name)),
    )
}

function pattern(glob: string): RegExp {
  const parts = glob.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
