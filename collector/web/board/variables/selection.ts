/** What is chosen for a variable. */
export interface Selection {
  readonly name: string
  /** The values themselves; with `isAll`, every value there is. */
  readonly values: readonly string[]
  readonly isAll: boolean
  /** What stands for all of them in an expression, where the board says so. */
  readonly allValue: string | null
  /** Whether expressions have to expect more than one value, and so a pattern. */
  readonly isPattern: boolean
  /** Whether addresses leave it out. */
  readonly isUnaddressed?: boolean
}

/** By the variable's name. */
export type Selections = ReadonlyMap<string, Selection>

/** In an address, the value that means every value. */
export const allInAddress = '$__all'
