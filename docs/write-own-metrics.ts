import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { writePage } from './write-page.ts'

/** Writes docs/own-metrics.md from the definitions in the source, or with --check tells whether it is as it should be. */

interface Metric {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly type: string
}

/** Objects with a `name` that begins with pgherd_ and a `help`, wherever they stand. */
function metricsOf(file: string): readonly Metric[] {
  const found: Metric[] = []
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const visit = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node)) {
      const name = textOf(valueOf(node, 'name'))
      const help = textOf(valueOf(node, 'help'))
      if (name?.startsWith('pgherd_') === true && help !== undefined) {
        found.push({ name, help, labels: labelsOf(node), type: typeOf(node, name) })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function valueOf(node: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined {
  const property = node.properties.find((one) => one.name?.getText() === key)
  return property !== undefined && ts.isPropertyAssignment(property) ? property.initializer : undefined
}

/** Of a text, also one that is put together of several. */
function textOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isBinaryExpression(node)) return undefined
  const [left, right] = [textOf(node.left), textOf(node.right)]
  return left === undefined || right === undefined ? undefined : left + right
}

function labelsOf(node: ts.ObjectLiteralExpression): readonly string[] {
  return ['label', 'labels', 'labelNames'].flatMap((key) => {
    const value = valueOf(node, key)
    if (value === undefined) return []
    if (ts.isArrayLiteralExpression(value)) return value.elements.flatMap((one) => textOf(one) ?? [])
    return textOf(value) ?? []
  })
}

function typeOf(node: ts.ObjectLiteralExpression, name: string): string {
  const made = ts.isNewExpression(node.parent) ? node.parent.expression.getText() : ''
  const told = textOf(valueOf(node, 'kind')) ?? textOf(valueOf(node, 'type')) ?? made.toLowerCase()
  if (['counter', 'gauge', 'histogram', 'summary'].includes(told)) return told
  return name.endsWith('_total') ? 'counter' : 'gauge'
}

function section(title: string, what: string, metrics: readonly Metric[]): string {
  const rows = [...new Map(metrics.map((one) => [one.name, one])).values()]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labels, help }) => {
      const named = labels.map((label) => `\`${label}\``).join(', ')
      return `| \`${name}\` | ${type} | ${named} | ${help.replaceAll('|', '\\|')} |`
    })
  return `## ${title}

${what}

| metric | type | labels | what |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

const of = (folder: string): readonly Metric[] => globSync(`${folder}/**/*.ts`).sort().flatMap(metricsOf)

writePage(
  new URL('own-metrics.md', import.meta.url),
  'docs:own-metrics',
  `# Metrics of pgherd itself

What agent and collector tell of themselves; made by \`npm run docs:own-metrics\` from their source. Those of PostgreSQL, pgBouncer and insight are in
[metrics](metrics.md); those of the machine have node_exporter's names, and what runs beside PostgreSQL has its own. Both programs also have
\`process_*\` and \`nodejs_*\` of their process.

${section('The agent', 'Sent with its own source (`job="pgherd"`), and at `http.listen` where it is set.', of('agent'))}
${section('The collector', 'At `/metrics`, for whoever scrapes it: [who watches the collector](operations.md#who-watches-the-collector).', of('collector'))}
${section('Both', 'Of parts that both programs have.', of('common'))}`,
)
