/** What was done, or would be, with one thing in Grafana. */
export interface Step {
  readonly what: string
  readonly did: 'created' | 'updated' | 'unchanged'
}
