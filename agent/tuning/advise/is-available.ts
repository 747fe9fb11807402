import { whyNotTuned } from '../preflight/never-tuned.ts'
import { takes } from '../recommend/compare-with-server.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import type { Advised } from './advised.ts'

/** Whether the server has the setting and takes the value, and tuning may change it at all. */
export function isAvailable(
  { parameter, proposed }: Pick<Advised, 'parameter' | 'proposed'>,
  { settings }: Pick<KnownServer, 'settings'>,
): boolean {
  const setting = settings.get(parameter)
  return (
    setting !== undefined &&
    takes(setting, proposed) &&
    whyNotTuned(parameter, setting.value, proposed) === undefined
  )
}
