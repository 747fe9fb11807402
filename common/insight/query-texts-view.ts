import { z } from 'zod'

/** The normalised text of a statement. */
export const queryText = z.object({
  cluster: z.string(),
  datname: z.string(),
  /** queryid of pg_stat_statements. */
  query: z.string(),
  text: z.string(),
})
export type QueryText = z.infer<typeof queryText>

/** GET /api/v1/queries/texts?cluster=&datname=&query=: those of the identifiers that are known. */
export const queryTextsAnswer = z.object({ status: z.literal('success'), data: z.array(queryText) })
