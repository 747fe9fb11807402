import { z } from 'zod'

/** One use of memory in the worst case. */
export const budgetRow = z
  .object({
    what: z.string(),
    bytes: z.number(),
    /** Of the machine's memory, 0 to 1 and beyond. */
    share: z.number(),
    /** How it was counted, with its figures. */
    counted: z.string(),
  })
  .readonly()
export type BudgetRow = z.infer<typeof budgetRow>

/** How much some of the rows may take together. */
export const budgetLimit = z
  .object({
    what: z.string(),
    bytes: z.number(),
    share: z.number(),
    /** The share of the machine's memory that it may take. */
    atMost: z.number(),
    holds: z.boolean(),
  })
  .readonly()
export type BudgetLimit = z.infer<typeof budgetLimit>

/** What a configuration can take of a machine's memory, when everything comes together that can. */
export const memoryBudget = z
  .object({
    memoryBytes: z.number(),
    rows: z.array(budgetRow).readonly(),
    limits: z.array(budgetLimit).readonly(),
  })
  .readonly()
export type MemoryBudget = z.infer<typeof memoryBudget>

export function budgetHolds({ limits }: MemoryBudget): boolean {
  return limits.every(({ holds }) => holds)
}
