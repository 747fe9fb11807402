import type { LabelSet } from '../../../common/series/label-set.ts'
import type { VectorSample } from '../rule-types.ts'
import { isMap } from './values.ts'
import type { TemplateRecord, TemplateValue } from './values.ts'

/** What a template of an alert sees: `.Labels`, `.Value` and so on, also as `$labels`, `$value`. */
export interface TemplateData {
  readonly labels: LabelSet
  readonly value: number
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

/** The names of the variables that exist from the start. */
export const dataVariables = ['labels', 'value', 'externalLabels', 'externalURL'] as const

/** The dot and the variables for the data of one alert. */
export function templateInput(data: TemplateData): {
  readonly dot: TemplateRecord
  readonly variables: ReadonlyMap<string, TemplateValue>
} {
  const labels = mapOf(data.labels)
  const externalLabels = new Map(Object.entries(data.externalLabels))
  return {
    dot: {
      fields: new Map<string, TemplateValue>([
        ['Labels', labels],
        ['ExternalLabels', externalLabels],
        ['ExternalURL', data.externalUrl],
        ['Value', data.value],
      ]),
    },
    variables: new Map<string, TemplateValue>([
      ['labels', labels],
      ['value', data.value],
      ['externalLabels', externalLabels],
      ['externalURL', data.externalUrl],
    ]),
  }
}

/** A sample of a query inside of a template. */
export function sampleRecord({ labels, value }: VectorSample): TemplateRecord {
  return {
    fields: new Map<string, TemplateValue>([
      ['Labels', mapOf(labels)],
      ['Value', value],
    ]),
  }
}

/** The labels of such a sample. */
export function labelMap(record: TemplateRecord): ReadonlyMap<string, TemplateValue> {
  const labels = record.fields.get('Labels')
  return isMap(labels) ? labels : new Map()
}

function mapOf(labels: LabelSet): ReadonlyMap<string, TemplateValue> {
  const out = new Map<string, TemplateValue>()
  for (let i = 0; i < labels.length; i += 2) out.set(labels[i]!, labels[i + 1])
  return out
}
