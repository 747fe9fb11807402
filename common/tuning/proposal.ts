import { z } from 'zod'

/** What a setting takes to have another value. `per-database`: it is meant for a database, a role or a table, not for the server. */
export const needs = z.enum(['nothing', 'reload', 'restart', 'per-database'])
export type Needs = z.infer<typeof needs>

export const confidence = z.enum(['high', 'medium', 'low'])
export type Confidence = z.infer<typeof confidence>

/** One setting as pgherd would have it, with everything that somebody who decides about it has to know. */
export const proposal = z
  .object({
    parameter: z.string(),
    /** As PostgreSQL prints it, such as `128MB`; null where no server is known. */
    current: z.string().nullable(),
    /** As it is written into a configuration file, such as `16GB`. */
    proposed: z.string(),
    /** One sentence with the figures that were used. */
    reason: z.string(),
    /** Where the figures come from: `hardware`, or the metric or query that shows them. */
    evidence: z.string(),
    /** What can go wrong with it, and what then. */
    risk: z.string(),
    needs,
    /** What is to be expected of it. */
    effect: z.string(),
    confidence,
    /** What made it, such as `baseline.shared_buffers` or `W1`. */
    rule: z.string(),
    /** For whom it is meant where it is not for all, in words: `role app in database shop`. */
    target: z.string().optional(),
    /** What carries it out where no line of the configuration does: a statement of SQL, or a command of a shell. */
    statement: z.string().optional(),
    /** In which database the statement has to be run; in any where it is missing. */
    database: z.string().optional(),
  })
  .readonly()
export type Proposal = z.infer<typeof proposal>
