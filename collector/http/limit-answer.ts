import type { QueryAnswer } from './query-service.ts'

const truncated = 'results truncated due to limit'

/** Keeps the first `limit` series of an answer and says so; scalars and strings are no series. */
export function limitAnswer(answer: QueryAnswer, limit: number): QueryAnswer {
  const { value } = answer
  const warnings = [...(answer.warnings ?? []), truncated]
  if (value.kind === 'vector' && value.samples.length > limit) {
    return { ...answer, warnings, value: { ...value, samples: value.samples.slice(0, limit) } }
  }
  if (value.kind === 'matrix' && value.series.length > limit) {
    return { ...answer, warnings, value: { ...value, series: value.series.slice(0, limit) } }
  }
  return answer
}

/** The same for a list of names, values or label sets. */
export function limitList<T>(
  list: readonly T[],
  limit: number,
): { readonly data: readonly T[]; readonly warnings: readonly string[] } {
  return list.length > limit
    ? { data: list.slice(0, limit), warnings: [truncated] }
    : { data: list, warnings: [] }
}
