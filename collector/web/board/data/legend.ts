import type { Labels } from './frame.ts'

/**
 * Fills a legend such as `{{ins}} {{mode}}`; labels that are absent leave nothing behind. `__auto` and an empty one
 * give the labels as they would stand in PromQL, or the expression where there are none.
 */
export function legendOf(template: string, labels: Labels, expr: string): string {
  if (template === '__auto' || template === '') return seriesName(labels) || expr
  return template
    .replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels[name] ?? '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** `name{a="x"}`; of a single label, its value says enough. */
function seriesName({ __name__: name = '', ...labels }: Labels): string {
  const pairs = Object.entries(labels)
  if (pairs.length === 0) return name
  if (name === '' && pairs.length === 1) return pairs[0]![1]
  return `${name}{${pairs.map(([label, value]) => `${label}="${value}"`).join(', ')}}`
}
