import { z } from 'zod'
import type { Action } from '../action.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import { serverOf } from '../server-of.ts'
import { controlsOf } from '../tune/asked-of.ts'
import { changeTables } from '../tune/change-tables.ts'
import type { TuneControls } from '../tune/controls.ts'

const args = z.strictObject({
  limit: z.int().min(1).max(200).default(20).describe('at most so many changes, the newest'),
})

export const tuneStatus = (controls: TuneControls | undefined): Action<z.infer<typeof args>> => ({
  kind: 'tune-status',
  what: 'changes of settings that are watched or wait, and past ones, with what the guard reads',
  risk: 'read',
  target: 'server',
  asksAgentAlone: true,
  args,
  deadlineMs: 30_000,
  examples: ['run tune-status -n pg-main-1'],
  plan: () => Promise.resolve(['reads the journal of changes; changes nothing']),
  async run(context, { limit }) {
    // Without a session: it is wanted most while the server does not start.
    const server = serverOf(context)
    const all = await controlsOf(controls).changes(server)
    const changes = newestOf(all, limit)
    const running = changes.filter(({ finishedMs }) => finishedMs === null).length
    return {
      message: `${server}: ${all.length} changes of settings, ${running} of them not over.`,
      output: [
        ...changeTables(changes),
        {
          type: 'facts',
          title: '',
          facts: {
            changes: changes.map((one) => ({ ...one })),
            leftOut: Math.min(limit, all.length) - changes.length,
          },
        },
      ],
    }
  },
})

/** Of facts: a result has 512 KiB, the table repeats some of it, and what does not fit would be left out as a whole. */
const mostBytes = 160 * 1024

/** The newest last; one at least, where there is one. */
function newestOf(all: readonly TuneChange[], limit: number): readonly TuneChange[] {
  let left = mostBytes
  const fitting = all
    .slice(-limit)
    .toReversed()
    .findIndex((one, index) => (left -= Buffer.byteLength(JSON.stringify(one))) < 0 && index > 0)
  return all.slice(-(fitting < 0 ? limit : fitting))
}
