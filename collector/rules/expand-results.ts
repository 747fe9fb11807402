import { PgherdError, messageOf } from '../../common/errors.ts'
import { labelKey, labelRecord, labelSet } from '../../common/series/label-set.ts'
import type { ActiveResult } from './alert.ts'
import { withoutName } from './without-name.ts'
import type { AlertingRuleDefinition, VectorSample } from './rule-types.ts'
import type { TemplateContext } from './template/alert-functions.ts'
import { compileTemplate } from './template/template.ts'
import type { Template } from './template/template.ts'

/** Turns the samples of a rule's expression into alerts: labels and annotations with their templates expanded. */
export type ExpandResults = (
  samples: readonly VectorSample[],
  context: TemplateContext,
  externalLabels: Readonly<Record<string, string>>,
) => Promise<readonly ActiveResult[]>

/**
 * Compiles the templates of a rule. One that fails when it runs becomes `<error expanding template: ...>` in its
 * place: an alert with an ugly annotation is better than none.
 */
export function createExpansion(rule: AlertingRuleDefinition): ExpandResults {
  const labelTemplates = compileAll(rule.labels)
  const annotationTemplates = compileAll(rule.annotations)
  return async (samples, context, externalLabels) => {
    const out: ActiveResult[] = []
    const keys = new Set<string>()
    for (const sample of samples) {
      const own = withoutName(sample.labels)
      const data = {
        labels: sample.labels,
        value: sample.value,
        externalLabels,
        externalUrl: context.externalUrl,
      }
      const expandAll = async (
        templates: readonly (readonly [string, Template])[],
      ): Promise<Record<string, string>> => {
        const texts: Record<string, string> = {}
        for (const [name, template] of templates) {
          try {
            texts[name] = await template.expand(data, context)
          } catch (error) {
            texts[name] = `<error expanding template: ${messageOf(error)}>`
          }
        }
        return texts
      }
      const labels = labelSet({
        ...labelRecord(own),
        ...(await expandAll(labelTemplates)),
        alertname: rule.name,
      })
      const key = labelKey(labels)
      if (keys.has(key)) {
        throw new PgherdError(
          'QUERY_FAILED',
          'vector contains metrics with the same labelset after applying alert labels',
        )
      }
      keys.add(key)
      out.push({ labels, annotations: await expandAll(annotationTemplates), value: sample.value })
    }
    return out
  }
}

function compileAll(templates: Readonly<Record<string, string>>): readonly (readonly [string, Template])[] {
  return Object.entries(templates).map(([name, text]) => [name, compileTemplate(text)] as const)
}
