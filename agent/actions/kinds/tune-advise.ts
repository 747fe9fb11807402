import { z } from 'zod'
import type { Action } from '../action.ts'
import { adviceTables } from '../tune/advice-tables.ts'
import { bytesOf, machineArgs } from '../tune/args.ts'
import { askedOf, controlsOf } from '../tune/asked-of.ts'
import type { AdviceRequest, TuneControls } from '../tune/controls.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({
  profile: z
    .enum(['auto', 'oltp', 'olap', 'crit', 'tiny', 'mixed'])
    .default('auto')
    .describe('what the server is for; auto chooses by its load, and says why'),
  hours: z.int().min(1).max(2_160).default(168).describe("how much of the agent's history counts"),
  connections: z.int().min(10).max(100_000).optional().describe('max_connections as you want it'),
  ...machineArgs,
})
type Args = z.infer<typeof args>

export const tuneAdvise = (
  controls: TuneControls | undefined,
  patronis: readonly PatroniAccess[],
): Action<Args> => ({
  kind: 'tune-advise',
  what: 'settings that would suit the server, its machine and its load, each with its reason',
  risk: 'read',
  target: 'server',
  args,
  deadlineMs: 120_000,
  examples: ['run tune-advise -n pg-main-1', 'run tune-advise -n pg-main-1 profile=olap hours=24'],
  plan: () => Promise.resolve(["looks at the server, its machine and the agent's history; changes nothing"]),
  async run(context, given) {
    const asked = await askedOf(context, patronis)
    const advice = await controlsOf(controls).advise(asked, requestOf(given))
    return {
      message: messageOf(asked.server, advice.proposals.length),
      output: [...adviceTables(advice), { type: 'facts', title: '', facts: { ...advice } }],
    }
  },
})

function messageOf(server: string, count: number): string {
  if (count === 0) return `Nothing is to be changed on ${server}.`
  return `${count === 1 ? 'One setting' : `${count} settings`} of ${server} would be better otherwise.`
}

function requestOf({ profile, hours, connections, memory, cpus, disk }: Args): AdviceRequest {
  return {
    profile,
    windowHours: hours,
    connections: connections ?? null,
    machine: {
      memoryBytes: memory === undefined ? null : (bytesOf(memory) ?? null),
      processors: cpus ?? null,
      diskClass: disk ?? null,
    },
  }
}
