/** One thing that is wrong with a store. */
export interface Damage {
  readonly path: string
  readonly what: string
  /** For whoever reads it: what is lost, what still works. */
  readonly consequence: string
}

/** What checking a file has found, besides damage. */
export interface Checked {
  readonly samples: number
  readonly chunks: number
}
