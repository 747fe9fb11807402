/** What a setting takes to have another value. `per-database`: it is meant for a database or a role, not for the server. */
export type Needs = 'nothing' | 'reload' | 'restart' | 'per-database'

export type Confidence = 'high' | 'medium' | 'low'

/** One setting as pgherd would have it, with everything that somebody who decides about it has to know. */
export interface Proposal {
  readonly parameter: string
  /** As PostgreSQL prints it, such as `128MB`; null where no server is known. */
  readonly current: string | null
  /** As it is written into a configuration file, such as `16GB`. */
  readonly proposed: string
  /** One sentence with the figures that were used. */
  readonly reason: string
  /** Where the figures come from: `hardware`, or the metric or query that shows them. */
  readonly evidence: string
  /** What can go wrong with it, and what then. */
  readonly risk: string
  readonly needs: Needs
  /** What is to be expected of it. */
  readonly effect: string
  readonly confidence: Confidence
  /** What made it, such as `baseline.shared_buffers` or `W1`. */
  readonly rule: string
}
