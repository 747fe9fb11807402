import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createHost } from '../../../../agent/host/host.ts'
import { parseExpression } from '../../../../collector/promql/parse-expression.ts'
import { facts } from '../../../../collector/web/fleet/facts.ts'
import { units } from '../../../../collector/web/format/units.ts'
import { boardFor, herdBoard, nodeBoard } from '../../../../collector/web/panels/boards.ts'
import type { Panel } from '../../../../collector/web/panels/panel.ts'
import { systemClock } from '../../../../common/clock.ts'
import { expand } from '../../../../collector/web/query/variables.ts'

const root = new URL('../../../../', import.meta.url)
const variables = { cls: 'pg-main', ins: 'pg-main-1', by: 'ins', __rate_interval: '40s' }
const boards = [herdBoard, nodeBoard]
const panelsOf = (board: (typeof boards)[number]): readonly Panel[] =>
  board.sections.flatMap(({ panels }) => panels)
const panels = [...new Set(boards.flatMap(panelsOf))]
const expressions = [
  ...new Set([
    ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expand(expr, variables))),
    ...facts.map(({ expr }) => expr),
  ]),
]

/** The metric names of all selectors of an expression, by walking its syntax tree. */
function metricsIn(expr: string): readonly string[] {
  const found: string[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    if ('name' in value && value.name === '__name__' && 'value' in value) found.push(String(value.value))
    for (const child of Object.values(value)) walk(child)
  }
  walk(parseExpression(expr))
  return found
}

interface Branch {
  readonly name?: string
  readonly metrics: readonly Readonly<Record<string, { readonly usage: string; readonly rename?: string }>>[]
}

/** What every scrape of every source says about itself. */
const metricsOfAScrape = /metrics: \[([^\]]*)\]/
  .exec(readFileSync(new URL('agent/scrape/source-scrape.ts', root), 'utf8'))![1]!
  .split(',')
  .map((name) => name.replaceAll(/[\s']/g, ''))

/** What is known of a server before any probe has run. */
const metricsOfAServer = [
  ...readFileSync(new URL('agent/scrape/postgres-source.ts', root), 'utf8').matchAll(/'(pg_[a-z_]+)'/g),
].map(([, name]) => name!)

/** What the probes of the agent's own catalogue give: `<branch name>_<column>`. */
function probedMetrics(): ReadonlySet<string> {
  const files = globSync('agent/probes/catalogue/*.{yml,yaml}', { cwd: root })
  const branches = files.flatMap((file) =>
    Object.entries(parse(readFileSync(new URL(file, root), 'utf8')) as Readonly<Record<string, Branch>>),
  )
  return new Set(
    branches.flatMap(([key, { name, metrics }]) =>
      metrics
        .flatMap((columns) => Object.entries(columns))
        .filter(([, { usage }]) => usage === 'GAUGE' || usage === 'COUNTER')
        .map(([column, { rename }]) => `${name ?? key}_${rename ?? column}`),
    ),
  )
}

describe('the boards', () => {
  test.each(boards.map((board) => [board.title, board] as const))(
    '%s has at least ten panels, each once',
    (_, board) => {
      const ids = panelsOf(board).map(({ id }) => id)
      expect(ids.length).toBeGreaterThanOrEqual(10)
      expect(new Set(ids).size).toBe(ids.length)
    },
  )

  test('a node has its own board, everything else is compared', () => {
    expect(boardFor({ cluster: 'a', node: 'a-1' })).toBe(nodeBoard)
    expect(boardFor({ cluster: 'a', node: null })).toBe(herdBoard)
    expect(boardFor({ cluster: null, node: null })).toBe(herdBoard)
  })

  test.each(panels.map((panel) => [panel.id, panel] as const))('%s says what it is', (_, panel) => {
    expect(panel.description).toMatch(/\.$/)
    expect(panel.whenEmpty).toMatch(/\.$/)
    expect(units).toContain(panel.unit)
    expect(panel.queries.length).toBeGreaterThan(0)
    expect(panel.kind === 'timeline').toBe(panel.states !== undefined)
  })

  test.each(panels.flatMap(({ id, queries }) => queries.map(({ expr }) => [id, expr] as const)))(
    '%s asks only for what is in scope: %s',
    (_, expr) => {
      const selectors = expr.match(/\{[^}]*\}/g) ?? []
      expect(selectors.length).toBe(metricsIn(expand(expr, variables)).length)
      expect(selectors.filter((selector) => !selector.startsWith('{cls=~"$cls",ins=~"$ins"'))).toEqual([])
    },
  )
})

describe('every expression', () => {
  test.each(expressions)('is PromQL: %s', (expr) => {
    expect(metricsIn(expr).length).toBeGreaterThan(0)
  })

  const asked = [...new Set(expressions.flatMap(metricsIn))]

  test('names only metrics that the agent emits', async () => {
    const probed = probedMetrics()
    expect(probed.size).toBeGreaterThan(100)
    const { tables } = await createHost({ clock: systemClock })(5000)
    const emitted = new Set([
      ...probed,
      ...tables.flatMap(({ metrics }) => metrics),
      ...metricsOfAScrape,
      ...metricsOfAServer,
    ])
    expect(asked.filter((name) => !emitted.has(name))).toEqual([])
  })

  test('knows PostgreSQL by the job that its agent gives it', () => {
    const jobs = new Set(
      expressions.flatMap((expr) => [...expr.matchAll(/\bjob="([^"]*)"/g)].map(([, job]) => job)),
    )
    const source = readFileSync(new URL('agent/scrape/postgres-source.ts', root), 'utf8')
    expect(
      [...jobs].filter((job) => !source.includes(`identityLabels(options.identity, '${job ?? ''}'`)),
    ).toEqual([])
  })
})
