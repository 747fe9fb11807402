import type { Figure, LabelledValue } from '../../common/self-metrics.ts'

/** Figures of several servers, each name once: what is told of one server has its label `server`. */
export function joinFigures(figures: readonly Figure[]): readonly Figure[] {
  const byName = Map.groupBy(figures, ({ name }) => name)
  return [...byName.values()].map((same): Figure => {
    const [first] = same
    if (same.length === 1) return first!
    const labels = first!.labels ?? (first!.label === undefined ? [] : [first!.label])
    return {
      name: first!.name,
      help: first!.help,
      labels,
      read: () => same.flatMap(valuesOf),
    }
  })
}

function valuesOf(figure: Figure): readonly LabelledValue[] {
  const read = figure.read()
  if (typeof read === 'number') return [{ labels: {}, value: read }]
  if (isList(read)) return read
  return Object.entries(read).map(([key, value]) => ({ labels: { [figure.label ?? '']: key }, value }))
}

function isList(read: object): read is readonly LabelledValue[] {
  return Array.isArray(read)
}
