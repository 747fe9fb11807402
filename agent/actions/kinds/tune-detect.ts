import { z } from 'zod'
import type { Action } from '../action.ts'
import { askedOf, controlsOf } from '../tune/asked-of.ts'
import type { TuneControls } from '../tune/controls.ts'
import { detectionTables } from '../tune/detection-tables.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({})

export const tuneDetect = (
  controls: TuneControls | undefined,
  patronis: readonly PatroniAccess[],
): Action<z.infer<typeof args>> => ({
  kind: 'tune-detect',
  what: 'what tuning knows of a server, its machine and its load, and where from',
  risk: 'read',
  target: 'server',
  args,
  deadlineMs: 60_000,
  examples: ['run tune-detect -n pg-main-1'],
  plan: () => Promise.resolve(['looks at the server and its machine; changes nothing']),
  async run(context) {
    const asked = await askedOf(context, patronis)
    const detection = await controlsOf(controls).detect(asked)
    return {
      message: `What is known of ${asked.server} and its machine.`,
      output: [...detectionTables(detection), { type: 'facts', title: '', facts: { ...detection } }],
    }
  },
})
