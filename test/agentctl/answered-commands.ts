import { withDigest } from '../../common/command/digest.ts'
import { commandPayload } from '../../common/command/payload.ts'
import type { CommandPayload } from '../../common/command/payload.ts'
import type { Answering } from './fake-collector.ts'

/** What an agent answers to one command: its value for a program, and lines; or why it failed or was refused. */
export interface Answered {
  readonly facts?: object
  readonly steps?: readonly string[]
  readonly message?: string
  readonly failure?: string
  readonly refusal?: string
}

/** Routes of a collector to which commands are sent one at a time and whose agents answer at once, and what was sent. */
export function answeredCommands(answer: (payload: CommandPayload) => Answered) {
  const sent: CommandPayload[] = []
  const routes: Readonly<Record<string, Answering>> = {
    'POST /api/v1/commands': ({ body }) => {
      const { commands } = JSON.parse(body) as { commands: { payload: string }[] }
      const payload = commandPayload.parse(JSON.parse(commands[0]!.payload))
      sent.push(payload)
      return [{ id: payload.id, state: 'queued', error: null }]
    },
    'POST /api/v1/commands/wait': () => {
      const payload = sent.at(-1)!
      return [viewOf(payload, answer(payload))]
    },
  }
  return { routes, sent }
}

function viewOf({ id, node, server, kind, mode, args, operator, reason }: CommandPayload, answer: Answered) {
  const { facts, steps = [], message = 'Done.', failure, refusal } = answer
  const state = failure !== undefined ? 'failed' : refusal !== undefined ? 'refused' : 'done'
  const at = 1_700_000_100_000
  return {
    ...{ id, node, server, kind, mode, args, operator, reason, requestedBy: 'ops', state },
    ...{ keys: ['0123456789abcdef'], queuedMs: at, expiresMs: at, deliveredMs: at, startedMs: at },
    ...{ finishedMs: at, progress: null, written: '', version: 3 },
    result: withDigest({
      outcome: state,
      message: failure ?? refusal ?? message,
      steps: [...steps],
      output: facts === undefined ? [] : [{ type: 'facts', title: '', facts: { ...facts } }],
      ...{ startedMs: at, finishedMs: at },
    }),
  }
}
