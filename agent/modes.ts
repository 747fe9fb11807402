import type { Clock } from '../common/clock.ts'
import { PgherdError } from '../common/errors.ts'
import type { AgentConfig } from './config.ts'
import { explainProbe } from './modes/explain.ts'
import { measureOnce } from './modes/once.ts'
import { testItself } from './modes/self-test.ts'

export interface ModeContext {
  readonly clock: Clock
  readonly print: (line: string) => void
}

/**
 * Does the one thing that was asked for in place of running.
 * @returns the exit status: 0, or what the first thing that does not work has in the catalogue of errors
 */
export function runMode(
  mode: { readonly name: string; readonly argument: string },
  config: AgentConfig,
  context: ModeContext,
): Promise<number> {
  switch (mode.name) {
    case 'once':
      return measureOnce(config, context)
    case 'explain':
      return explainProbe(mode.argument, config, context)
    case 'self-test':
      return testItself(config, context)
    default:
      throw new PgherdError('USAGE', `--${mode.name} is not known`)
  }
}
