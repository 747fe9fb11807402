import { z } from 'zod'

const text = z.union([z.string(), z.array(z.string())])
const option = z.object({
  text: text.default(''),
  value: text.default(''),
  selected: z.boolean().optional(),
})

/** A variable of a board; where its choices come from depends on `type`. */
export const variable = z.object({
  name: z.string().regex(/^\w+$/),
  label: z.string().nullish(),
  description: z.string().nullish(),
  type: z.enum(['query', 'custom', 'interval', 'textbox', 'constant', 'datasource']),
  /** `label_values(...)` and the like, or what a custom, interval or text variable starts from. */
  query: z.union([z.string(), z.object({ query: z.string() }).transform(({ query }) => query)]).catch(''),
  regex: z.string().nullish(),
  sort: z.number().catch(0),
  multi: z.boolean().catch(false),
  includeAll: z.boolean().catch(false),
  allValue: z.string().nullish(),
  /** 0 shown, 1 without its label, 2 not at all. */
  hide: z.number().catch(0),
  /** Whether its value is always found anew and never stands in an address. */
  skipUrlSync: z.boolean().catch(false),
  current: option.partial().nullish().catch(null),
  options: z.array(option).catch([]),
})
export type Variable = z.infer<typeof variable>
