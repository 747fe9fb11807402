import { metricNameLabel } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'

/** The labels of a series without the name of its metric. */
export function withoutName(labels: LabelSet): LabelSet {
  const out: string[] = []
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] !== metricNameLabel) out.push(labels[i]!, labels[i + 1]!)
  }
  return out
}
