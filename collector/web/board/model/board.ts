import { z } from 'zod'
import { fieldConfig, dataLink } from './field-settings.ts'
import { panelKind } from './panel-kind.ts'
import { target } from './target.ts'
import { transformation } from './transformation.ts'
import { variable } from './variable.ts'

/** What is beyond is taken for the bound: a panel out of reach is of no use to anybody. */
function within(least: number, most: number) {
  return z.number().transform((value) => Math.min(most, Math.max(least, value)))
}

/** In columns of a 24-column grid and rows of 38 CSS pixels. */
export const gridPlace = z.object({
  x: within(0, 23).default(0),
  y: within(0, 100_000).default(0),
  w: within(1, 24).default(12),
  h: within(1, 200).default(8),
})

const panel = z
  .looseObject({
    id: z.number().default(0),
    title: z.string().default(''),
    description: z.string().default(''),
    gridPos: gridPlace.prefault({}),
    targets: z.array(target).default([]),
    fieldConfig: fieldConfig.prefault({}),
    transformations: z.array(z.unknown()).default([]),
    links: z.array(dataLink).catch([]),
    interval: z.string().nullish(),
    maxDataPoints: z.number().nullish(),
    timeFrom: z.string().nullish(),
    repeat: z.string().nullish(),
    repeatDirection: z.enum(['h', 'v']).catch('h'),
    maxPerRow: z.number().catch(4),
    transparent: z.boolean().catch(false),
    type: z.string(),
    options: z.unknown().optional(),
  })
  .transform(({ type, options, transformations, ...rest }) => {
    const known = panelKind.safeParse({ type, options: options ?? {} })
    const steps = transformations.map((one) => transformation.safeParse(one))
    return {
      ...rest,
      kind: known.success ? known.data : null,
      type,
      transformations: steps.flatMap((step) => (step.success ? [step.data] : [])),
      /** What of the panel this page cannot do; shown instead of a wrong picture. */
      unsupported: [
        ...(known.success ? [] : [`a panel of the type ${type}`]),
        ...transformations.flatMap((one, index) =>
          steps[index]?.success === true ? [] : [`the transformation ${nameOf(one)}`],
        ),
      ],
    }
  })
export type Panel = z.infer<typeof panel>

function nameOf(value: unknown): string {
  return z.object({ id: z.string() }).safeParse(value).data?.id ?? '?'
}

const row = z.object({
  type: z.literal('row'),
  id: z.number().default(0),
  title: z.string().default(''),
  collapsed: z.boolean().default(false),
  repeat: z.string().nullish(),
  gridPos: gridPlace.prefault({}),
  panels: z.array(panel).default([]),
})

const boardLink = z.object({
  title: z.string().default(''),
  type: z.enum(['link', 'dashboards']).catch('link'),
  url: z.string().nullish(),
  tags: z.array(z.string()).catch([]),
  keepTime: z.boolean().catch(false),
  includeVars: z.boolean().catch(false),
  targetBlank: z.boolean().catch(false),
  tooltip: z.string().catch(''),
})
export type BoardLink = z.infer<typeof boardLink>

const annotation = z.object({
  name: z.string().default('Events'),
  enable: z.boolean().default(true),
  hide: z.boolean().catch(false),
  expr: z.string().default(''),
  iconColor: z.string().default('blue'),
  step: z.string().nullish(),
  titleFormat: z.string().nullish(),
  textFormat: z.string().nullish(),
  tagKeys: z.string().nullish(),
  useValueForTime: z.boolean().catch(false),
})
export type AnnotationQuery = z.infer<typeof annotation>

/** A stretch of a board: a row that folds, or, with an empty title, what is above the first. */
export interface Section {
  readonly id: number
  readonly title: string
  readonly isFolded: boolean
  readonly repeat: string | null
  readonly panels: readonly Panel[]
}

const rawBoard = z.object({
  uid: z.string(),
  title: z.string().default(''),
  description: z.string().nullish(),
  tags: z.array(z.string()).catch([]),
  time: z.object({ from: z.string(), to: z.string() }).catch({ from: 'now-1h', to: 'now' }),
  refresh: z.union([z.string(), z.boolean()]).catch(''),
  templating: z.object({ list: z.array(variable).default([]) }).prefault({}),
  annotations: z.object({ list: z.array(z.unknown()).default([]) }).prefault({}),
  links: z.array(boardLink).catch([]),
  panels: z.array(z.union([row, panel])).default([]),
})

/** A board of the classic Grafana schema, of which other keys are ignored. */
export const board = rawBoard.transform(({ panels, templating, annotations, refresh, ...rest }) => ({
  ...rest,
  /** How often it is asked anew, such as `10s`; empty for not at all. */
  refresh: typeof refresh === 'string' ? refresh : '',
  variables: templating.list,
  annotations: annotations.list.flatMap((one) => {
    const known = annotation.safeParse(one)
    return known.success && known.data.enable && known.data.expr !== '' ? [known.data] : []
  }),
  sections: sectionsOf(panels),
}))
export type Board = z.infer<typeof board>

function isRow(item: z.infer<typeof row> | Panel): item is z.infer<typeof row> {
  return item.type === 'row'
}

/** Panels of an open row follow it in the list; those of a folded one are within it. */
function sectionsOf(items: readonly (z.infer<typeof row> | Panel)[]): readonly Section[] {
  const sections: (Omit<Section, 'panels'> & { panels: Panel[] })[] = []
  for (const item of items) {
    if (isRow(item)) {
      const { id, title, collapsed, repeat, panels } = item
      sections.push({ id, title, isFolded: collapsed, repeat: repeat ?? null, panels })
      continue
    }
    let last = sections.at(-1)
    if (last === undefined) {
      last = { id: -1, title: '', isFolded: false, repeat: null, panels: [] }
      sections.push(last)
    }
    last.panels.push(item)
  }
  return sections
}
