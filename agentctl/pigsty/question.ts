/** Something in an inventory that somebody should look at. Never has a value of a secret. */
export interface Question {
  /** A host, a cluster, or `inventory`. */
  readonly where: string
  readonly what: string
}
