/** A mistake that only shows when keys are held against each other: where, and what is allowed there. */
export interface Mistake {
  readonly path: readonly PropertyKey[]
  readonly allowed: string
}
