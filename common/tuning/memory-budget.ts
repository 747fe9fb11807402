/** One use of memory in the worst case. */
export interface BudgetRow {
  readonly what: string
  readonly bytes: number
  /** Of the machine's memory, 0 to 1 and beyond. */
  readonly share: number
  /** How it was counted, with its figures. */
  readonly counted: string
}

/** How much some of the rows may take together. */
export interface BudgetLimit {
  readonly what: string
  readonly bytes: number
  readonly share: number
  /** The share of the machine's memory that it may take. */
  readonly atMost: number
  readonly holds: boolean
}

/** What a configuration can take of a machine's memory, when everything comes together that can. */
export interface MemoryBudget {
  readonly memoryBytes: number
  readonly rows: readonly BudgetRow[]
  readonly limits: readonly BudgetLimit[]
}

export function budgetHolds({ limits }: MemoryBudget): boolean {
  return limits.every(({ holds }) => holds)
}
