import { readFileSync, readdirSync } from 'node:fs'
import { z } from 'zod'

const directory = new URL('../../dashboards/json/', import.meta.url)

const link = z.object({ title: z.string(), url: z.string() })
const property = z.object({ id: z.string(), value: z.unknown() })

const panel = z.object({
  id: z.int(),
  type: z.enum([
    'stat',
    'timeseries',
    'table',
    'bargauge',
    'gauge',
    'state-timeline',
    'heatmap',
    'text',
    'row',
  ]),
  title: z.string(),
  description: z.string().optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  fieldConfig: z
    .object({
      defaults: z.looseObject({
        unit: z.string().optional(),
        noValue: z.string().optional(),
        thresholds: z
          .object({ steps: z.array(z.object({ value: z.number().nullable(), color: z.string() })) })
          .optional(),
        links: z.array(link).optional(),
      }),
      overrides: z.array(
        z.object({
          matcher: z.object({ id: z.enum(['byName', 'byRegexp']), options: z.string() }),
          properties: z.array(property),
        }),
      ),
    })
    .optional(),
  targets: z
    .array(
      z.object({
        refId: z.string(),
        expr: z.string(),
        instant: z.boolean(),
        range: z.boolean(),
        legendFormat: z.string(),
        interval: z.string().optional(),
        format: z.enum(['table', 'heatmap']).optional(),
      }),
    )
    .optional(),
  transformations: z
    .array(z.object({ id: z.enum(['merge', 'organize']), options: z.looseObject({}) }))
    .optional(),
})

const row = panel.extend({ collapsed: z.boolean().optional(), panels: z.array(panel).optional() })

const board = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  links: z.array(link.partial({ url: true }).extend({ keepTime: z.boolean(), includeVars: z.boolean() })),
  annotations: z.object({
    list: z.array(z.object({ name: z.string(), expr: z.string(), useValueForTime: z.boolean() })).default([]),
  }),
  templating: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        type: z.enum(['datasource', 'query']),
        definition: z.string().optional(),
        regex: z.string().optional(),
        hide: z.int().optional(),
        skipUrlSync: z.boolean().optional(),
      }),
    ),
  }),
  panels: z.array(row),
})

export type Panel = z.infer<typeof panel>
export type Board = z.infer<typeof board> & { readonly name: string }

/** The boards as their files have them, by name. */
export function readBoards(): readonly Board[] {
  return readdirSync(directory).map((file) => ({
    name: file.replace(/\.json$/, ''),
    ...board.parse(JSON.parse(readFileSync(new URL(file, directory), 'utf8'))),
  }))
}

/** Panels of a board without its rows, those of collapsed ones too. */
export function panelsOf({ panels }: Board): readonly Panel[] {
  return panels.flatMap((one) => (one.type === 'row' ? (one.panels ?? []) : [one]))
}

/** An expression of a board and where it is. */
export interface BoardExpression {
  readonly board: string
  /** Title of its panel, or of the variable or annotation. */
  readonly at: string
  readonly expr: string
  /** Whether it is asked for the newest values only. */
  readonly instant: boolean
}

/** All that a board asks: of its panels, then its annotations. */
export function expressionsOf(board: Board): readonly BoardExpression[] {
  return [
    ...panelsOf(board).flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, instant }) => ({ board: board.name, at: title, expr, instant })),
    ),
    ...board.annotations.list.map(({ name, expr }) => ({
      board: board.name,
      at: name,
      expr,
      instant: false,
    })),
  ]
}

/** The selector and the label of each variable that is one of a query. */
export function variablesOf(
  board: Board,
): readonly { readonly name: string; readonly selector: string; readonly label: string }[] {
  return board.templating.list.flatMap(({ name, definition }) => {
    const found = /^label_values\((.*), (\w+)\)$/.exec(definition ?? '')
    return found === null ? [] : [{ name, selector: found[1]!, label: found[2]! }]
  })
}

/** Whether an expression is asked over long ranges only, of recorded series. */
export function isOverLongRanges(expr: string): boolean {
  return expr.includes('!~"$detail"')
}

/** An expression with all variables chosen, over a range in which it is asked. */
export function withAllChosen(expr: string, rangeSeconds = 3600): string {
  return expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__interval_ms', '15000')
    .replaceAll('$__interval', '15s')
    .replaceAll('$detail', isOverLongRanges(expr) ? '-' : '.+')
    .replaceAll('$__range_s', String(rangeSeconds))
    .replaceAll('$__range', `${rangeSeconds}s`)
    .replaceAll(/\$\w+/g, '.+')
}
