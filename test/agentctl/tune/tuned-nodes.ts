import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { describeAction } from '../../../agent/actions/describe-action.ts'
import { kinds } from '../../../agent/actions/kinds.ts'
import { withDigest } from '../../../common/command/digest.ts'
import { commandPayload } from '../../../common/command/payload.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'
import { fakeCollector } from '../fake-collector.ts'
import { runAgentctl } from '../run-agentctl.ts'
import { memberCalled } from './made-up.ts'

/** What an agent answers to one command: its value for a program, and lines; or why it failed. */
export interface Answered {
  readonly facts?: object
  readonly steps?: readonly string[]
  readonly failure?: string
}

/** A collector whose agents answer as the test says, by `<kind>` for a run and `<kind> plan` for a plan. */
export async function tunedNodes(
  answers: Readonly<Record<string, (payload: CommandPayload) => Answered>>,
  nodes: readonly NodeView[] = [memberCalled('pg-main-1', 'primary')],
) {
  const home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-'))
  onTestFinished(() => home[Symbol.asyncDispose]())
  await runAgentctl(['key', 'generate', '--name', 'anna', '--no-passphrase'], { home: home.path })
  const sent: CommandPayload[] = []
  const { url } = await fakeCollector({
    'GET /api/v1/nodes': () => nodes,
    ...Object.fromEntries(
      nodes.map(({ node }) => [`GET /api/v1/nodes/${node}/actions`, () => kinds.map(describeAction)]),
    ),
    'POST /api/v1/commands': ({ body }) => {
      const { commands } = JSON.parse(body) as { commands: { payload: string }[] }
      const payload = commandPayload.parse(JSON.parse(commands[0]!.payload))
      sent.push(payload)
      return [{ id: payload.id, state: 'queued', error: null }]
    },
    'POST /api/v1/commands/wait': () => {
      const payload = sent.at(-1)!
      const answer = answers[payload.mode === 'plan' ? `${payload.kind} plan` : payload.kind]
      return [viewOf(payload, answer?.(payload) ?? { failure: `the test answers no ${payload.kind}` })]
    },
  })
  return { world: { url, home: home.path }, sent }
}

function viewOf({ id, node, server, kind, mode, args, operator, reason }: CommandPayload, answer: Answered) {
  const { facts, steps = [], failure } = answer
  const state = failure === undefined ? 'done' : 'failed'
  const at = 1_700_000_100_000
  return {
    ...{ id, node, server, kind, mode, args, operator, reason, requestedBy: 'ops', state },
    ...{ keys: ['0123456789abcdef'], queuedMs: at, expiresMs: at, deliveredMs: at, startedMs: at },
    ...{ finishedMs: at, progress: null, written: '', version: 3 },
    result: withDigest({
      outcome: state,
      message: failure ?? 'Done.',
      steps: [...steps],
      output: facts === undefined ? [] : [{ type: 'facts', title: '', facts: { ...facts } }],
      ...{ startedMs: at, finishedMs: at },
    }),
  }
}
