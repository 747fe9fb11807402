import { z } from 'zod'

/** Texts of statements, told once for each that gets series of its own, and again when the agent has begun anew. */
export const statementTexts = z.object({
  texts: z
    .array(
      z.object({
        /** Decimal, as the label `query` has it. */
        queryid: z.string().regex(/^-?\d{1,20}$/),
        datname: z.string().max(256),
        /** Without constants and comments. */
        text: z.string().max(10_000),
        /** Whether the rest of it is missing. */
        isCut: z.boolean(),
      }),
    )
    .max(200),
})
export type StatementTexts = z.infer<typeof statementTexts>
