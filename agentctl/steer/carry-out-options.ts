import type { Command } from 'commander'

/** How an operation is carried out (carry-out.ts), whatever it does. */
export interface CarryOutOptions {
  readonly dryRun: boolean
  readonly yes: boolean
  readonly reason: string
}

export function addCarryOutOptions(command: Command): Command {
  return command
    .option('--dry-run', 'show what would be done, and do nothing', false)
    .option('--yes', 'do not ask for a confirmation', false)
    .option('--reason <text>', 'why, for the audit', '')
}
