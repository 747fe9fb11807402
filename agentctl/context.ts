import type { Clock } from '../common/clock.ts'
import type { CollectorClient } from './client.ts'
import type { GivenSettings, Settings } from './settings.ts'
import type { Key, Screen } from './screen.ts'
import type { Terminal } from './terminal.ts'

export const outputFormats = ['table', 'json', 'yaml', 'tsv'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** What the commands share. Everything of the outside world is here, so that tests can be that world. */
export interface CliContext {
  readonly terminal: Terminal
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborts at the first ^C. */
  readonly signal: AbortSignal
  /** One line to the standard error. */
  warn(line: string): void
  /** Replaces the line of progress on a terminal; the empty text removes it. Elsewhere it does nothing. */
  status(text: string): void
  /** Asks the person at the terminal, a secret without showing it; undefined where there is none. */
  ask(question: string, options?: { readonly secret?: boolean }): Promise<string | undefined>
  /** Takes over the terminal until it is disposed of; undefined where there is none to take over. */
  openScreen(onKey: (key: Key) => void): Screen | undefined
  /**
   * Runs another command line of agentctl with the flags and settings of this one, and parts of its world replaced.
   * @throws PgherdError as the command does
   */
  again(
    argv: readonly string[],
    world: Pick<CliContext, 'terminal' | 'warn' | 'status' | 'ask'>,
  ): Promise<void>
  /** The standard input, for what is given as `-`. */
  readInput(): Promise<string>
  /** @throws PgherdError CONFIG_INVALID or USAGE */
  settings(): Settings
  flags(): GivenSettings
  client(): CollectorClient
  format(): OutputFormat
  /** Longest wait for an answer, milliseconds. */
  timeoutMs(): number
}
