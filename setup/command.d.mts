export interface CommandOutcome {
  readonly ok: boolean
  /** Standard output and error, in order of arrival, trimmed. */
  readonly output: string
}

export function run(command: string, args: readonly string[]): Promise<CommandOutcome>
export function npm(args: readonly string[]): Promise<CommandOutcome>
