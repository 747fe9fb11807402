import { labelSet } from '../../../common/series/label-set.ts'
import type { LabelSet } from '../../../common/series/label-set.ts'

/** Labels from a JSON object of texts; undefined for anything else. */
export function readLabels(metric: unknown): LabelSet | undefined {
  if (typeof metric !== 'object' || metric === null || Array.isArray(metric)) return undefined
  for (const value of Object.values(metric)) if (typeof value !== 'string') return undefined
  return labelSet(metric as Record<string, string>)
}
