import { z } from 'zod'

const names = z.record(z.string(), z.boolean())

/** What is done to the answers before they are shown, in Grafana's terms. */
export const transformation = z.discriminatedUnion('id', [
  z.object({ id: z.literal('merge'), options: z.unknown().optional() }),
  z.object({
    id: z.literal('organize'),
    options: z.object({
      excludeByName: names.default({}),
      includeByName: names.default({}),
      indexByName: z.record(z.string(), z.number()).default({}),
      renameByName: z.record(z.string(), z.string()).default({}),
    }),
  }),
  z.object({
    id: z.literal('filterFieldsByName'),
    options: z.object({
      include: z.object({ names: z.array(z.string()).optional(), pattern: z.string().optional() }).optional(),
      exclude: z.object({ names: z.array(z.string()).optional(), pattern: z.string().optional() }).optional(),
    }),
  }),
  z.object({
    id: z.literal('sortBy'),
    options: z.object({
      sort: z.array(z.object({ field: z.string(), desc: z.boolean().default(false) })).default([]),
    }),
  }),
  z.object({
    id: z.literal('renameByRegex'),
    options: z.object({ regex: z.string(), renamePattern: z.string() }),
  }),
])
export type Transformation = z.infer<typeof transformation>
