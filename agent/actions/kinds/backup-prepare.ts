import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { clusterArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls, PrepareAsked } from '../backup/controls.ts'
import { withPatroniSettings } from '../backup/patroni-settings.ts'
import { reloadAlsoTakes } from '../file-settings.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({
  replace_archiver: z
    .boolean()
    .default(false)
    .describe('although the server archives by another command, which then ends'),
  ...clusterArgs,
})

/** @param openServer a server of this host by its ins label */
export const backupPrepare = (
  controls: BackupControls | undefined,
  patronis: readonly PatroniAccess[],
  openServer: PrepareAsked['openServer'],
): Action<z.infer<typeof args>> => {
  const asked = (signal: AbortSignal, replacesArchiver: boolean): PrepareAsked => ({
    openServer,
    withKeeper: (scope, work) => withPatroniSettings(patronis, scope, work),
    reloadAlsoTakes,
    replacesArchiver,
    signal,
  })
  return {
    kind: 'backup-prepare',
    what: "make the stanza, set the server's archiving where the policy says so, and prove that a segment arrives",
    risk: 'change',
    target: 'node',
    args,
    deadlineMs: 600_000,
    examples: ['run backup-prepare -n pg-main-1'],
    mayBeLeft: 'the next start of the agent puts the settings back',
    async plan({ signal }, given) {
      const found = clusterOf(controls, given.cluster)
      return found.controls.planPrepare(found.cluster, asked(signal, given.replace_archiver))
    },
    async run(context, given) {
      const found = clusterOf(controls, given.cluster)
      const { message, lines } = await found.controls.prepare(found.cluster, {
        ...asked(context.signal, given.replace_archiver),
        askedBy: context.command,
        progress: (percent, text) => context.progress(percent, text),
        mustUndo: (noted) => context.mustUndo(noted),
      })
      return { message, output: [{ type: 'text', title: 'Done', lines: [...lines] }] }
    },
    // Also of a cluster whose policy is gone by now.
    undo({ signal }, _given, noted) {
      if (controls === undefined)
        throw new PgherdError('NOT_SUPPORTED', 'this agent watches no server any more')
      return controls.undoPrepare(noted, asked(signal, false))
    },
  }
}
