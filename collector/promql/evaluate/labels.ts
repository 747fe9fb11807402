import { labelKey, labelValue, metricNameLabel } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'
import { quote } from '../syntax/quoting.ts'

/** What describes the metric itself, not the series: no longer true after an operation changed the value. */
const metadataLabels: ReadonlySet<string> = new Set([metricNameLabel, '__type__', '__unit__'])

export function isMetadataLabel(name: string): boolean {
  return name.startsWith('__') && metadataLabels.has(name)
}

/** Whether the first label is a name, as mostly, and all others come behind what else describes a metric. */
export function hasNameOnly(labels: LabelSet): boolean {
  return labels[0] === metricNameLabel && (labels.length === 2 || labels[2]! > '__unit__')
}

/** The labels without metric name, type and unit. */
export function withoutMetadata(labels: LabelSet): LabelSet {
  if (hasNameOnly(labels)) return labels.slice(2)
  return filterLabels(labels, (name) => !isMetadataLabel(name))
}

/** The labels whose name passes; the same array when all do. */
export function filterLabels(labels: LabelSet, keep: (name: string) => boolean): LabelSet {
  let out: string[] | undefined
  for (let i = 0; i < labels.length; i += 2) {
    const kept = keep(labels[i]!)
    if (!kept && out === undefined) out = labels.slice(0, i)
    else if (kept && out !== undefined) out.push(labels[i]!, labels[i + 1]!)
  }
  return out ?? labels
}

/** The labels with one set, or removed where the value is empty. */
export function withLabel(labels: LabelSet, name: string, value: string): LabelSet {
  const out: string[] = []
  let placed = value === ''
  for (let i = 0; i < labels.length; i += 2) {
    const current = labels[i]!
    if (!placed && current >= name) {
      out.push(name, value)
      placed = true
    }
    if (current !== name) out.push(current, labels[i + 1]!)
  }
  if (!placed) out.push(name, value)
  return out
}

/** `{a="b", c="d"}`, the metric name among the labels. */
export function printLabels(labels: LabelSet): string {
  const pairs: string[] = []
  for (let i = 0; i < labels.length; i += 2) pairs.push(`${labels[i]!}=${quote(labels[i + 1]!)}`)
  return `{${pairs.join(', ')}}`
}

/** A function that gives equal keys to label sets equal in `names` (on, by) or in all others (ignoring, without). */
export function createGroupKey(names: readonly string[], exclude: boolean): (labels: LabelSet) => string {
  const chosen = new Set(names)
  if (exclude) return (labels) => labelKey(filterLabels(labels, (name) => !chosen.has(name)))
  if (chosen.size === 0) return () => ''
  if (names.length === 1) return (labels) => labelValue(labels, names[0]!)
  return (labels) => labelKey(filterLabels(labels, (name) => chosen.has(name)))
}

/** A label name of any UTF-8 text; lone surrogates stand for bytes that are not UTF-8. */
export function isValidLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed()
}
