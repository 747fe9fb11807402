import { alertFunctions } from './alert-functions.ts'
import type { TemplateContext } from './alert-functions.ts'
import { coreFunctions } from './core-functions.ts'
import { evaluateTemplate } from './evaluate.ts'
import { parseTemplate } from './parser.ts'
import { dataVariables, templateInput } from './template-data.ts'
import type { TemplateData } from './template-data.ts'

/** A label or annotation of an alert that has been parsed. */
export interface Template {
  /** @throws PgherdError RULE_INVALID, and what the context's query throws */
  expand(data: TemplateData, context: TemplateContext): Promise<string>
}

const nothing: TemplateContext = { query: () => Promise.resolve([]), nowMs: 0, externalUrl: '' }
const functionNames = new Set([...Object.keys(coreFunctions), ...Object.keys(alertFunctions(nothing))])

/**
 * Compiles a template in the language of Prometheus' rule files.
 * @throws PgherdError RULE_INVALID with the line inside of the template
 */
export function compileTemplate(source: string): Template {
  // Most labels are plain text.
  if (!source.includes('{{')) return { expand: () => Promise.resolve(source) }
  const nodes = parseTemplate(source, (name) => functionNames.has(name), dataVariables)
  return {
    expand: (data, context) => {
      const { dot, variables } = templateInput(data)
      const functions = new Map(Object.entries({ ...coreFunctions, ...alertFunctions(context) }))
      return evaluateTemplate(nodes, dot, variables, functions)
    },
  }
}
