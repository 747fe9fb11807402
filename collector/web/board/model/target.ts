import { z } from 'zod'

/** A query of a panel. */
export const target = z
  .object({
    refId: z.string().default('A'),
    expr: z.string().default(''),
    legendFormat: z.string().default('__auto'),
    instant: z.boolean().default(false),
    range: z.boolean().optional(),
    format: z.enum(['time_series', 'table', 'heatmap']).catch('time_series'),
    /** The least step, such as `1m`; may be a variable. */
    interval: z.string().default(''),
    hide: z.boolean().default(false),
  })
  .transform(({ range, instant, ...rest }) => ({ ...rest, isInstant: instant && range !== true }))
export type Target = z.infer<typeof target>
