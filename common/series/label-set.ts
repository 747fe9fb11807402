/**
 * The identity of a series: label names and values in one flat array, sorted by name, each name once, no
 * empty value: ['__name__', 'up', 'cls', 'pg-main']. Flat because it is compact, iterates without
 * allocation, and compares by position. Treat it as immutable.
 */
export type LabelSet = readonly string[]

export const metricNameLabel = '__name__'

/** Builds a label set from an object; empty values mean "label absent", as in Prometheus' data model. */
export function labelSet(labels: Readonly<Record<string, string>>): LabelSet {
  const out: string[] = []
  for (const name of Object.keys(labels).sort(compareNames)) {
    const value = labels[name]
    if (value !== undefined && value !== '') out.push(name, value)
  }
  return out
}

/** The value of a label, or '' where it is absent (PromQL treats both alike). */
export function labelValue(labels: LabelSet, name: string): string {
  for (let i = 0; i < labels.length; i += 2) if (labels[i] === name) return labels[i + 1]!
  return ''
}

/** A string that is equal exactly when the label sets are; \u0000 cannot occur in a valid label name. */
export function labelKey(labels: LabelSet): string {
  return labels.join('\u0000')
}

export function labelRecord(labels: LabelSet): Record<string, string> {
  const out: Record<string, string> = {}
  for (let i = 0; i < labels.length; i += 2) {
    // Not an assignment: a label named __proto__ must become a property like any other.
    Object.defineProperty(out, labels[i]!, {
      value: labels[i + 1]!,
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return out
}

/** The order of Prometheus' answers: name by name, then value by value; a prefix comes first. */
export function compareLabelSets(a: LabelSet, b: LabelSet): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    // Mostly one and the same string, which is seen at once.
    if (a[i] !== b[i]) return compareNames(a[i]!, b[i]!)
  }
  return a.length - b.length
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
