import { PgherdError } from '../../../common/errors.ts'
import type { UndoContext } from '../action.ts'
import { withPatroniSettings } from '../backup/patroni-settings.ts'
import type { PatroniAccess } from '../patroni/access.ts'
import { serverOf } from '../server-of.ts'
import type { TuneAsked, TuneControls } from './controls.ts'

/** The server of a command as the tuning work of its host has it. @throws PgherdError of the session */
export async function askedOf(
  context: UndoContext & { readonly progress?: TuneAsked['progress'] },
  patronis: readonly PatroniAccess[],
): Promise<TuneAsked> {
  return {
    server: serverOf(context),
    session: await context.session(),
    withKeeper: (scope, work) => withPatroniSettings(patronis, scope, work),
    signal: context.signal,
    progress: (percent, text) => context.progress?.(percent, text),
  }
}

/** @throws PgherdError NOT_SUPPORTED for an agent that tunes nothing */
export function controlsOf(controls: TuneControls | undefined): TuneControls {
  if (controls !== undefined) return controls
  throw new PgherdError(
    'NOT_SUPPORTED',
    'this agent does no tuning: tuning.enabled is false, or its directory cannot be used (its log says so)',
  )
}
