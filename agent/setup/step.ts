/** One thing that setup does. */
export interface Step {
  readonly title: string
  /** What exactly, shown before it is done. */
  readonly shows: readonly string[]
  /** Whether it changes something, so that it is asked for first. */
  readonly changes: boolean
  /** @returns what came of it, a line each */
  run(): Promise<readonly string[]>
}
