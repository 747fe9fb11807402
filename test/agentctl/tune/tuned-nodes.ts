import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { describeAction } from '../../../agent/actions/describe-action.ts'
import { kinds } from '../../../agent/actions/kinds.ts'
import type { CommandPayload } from '../../../common/command/payload.ts'
import type { NodeView } from '../../../common/wire/nodes.ts'
import { answeredCommands } from '../answered-commands.ts'
import type { Answered } from '../answered-commands.ts'
import { fakeCollector } from '../fake-collector.ts'
import { runAgentctl } from '../run-agentctl.ts'
import { memberCalled } from './made-up.ts'

/** A collector whose agents answer as the test says, by `<kind>` for a run and `<kind> plan` for a plan. */
export async function tunedNodes(
  answers: Readonly<Record<string, (payload: CommandPayload) => Answered>>,
  nodes: readonly NodeView[] = [memberCalled('pg-main-1', 'primary')],
) {
  const home = await mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-'))
  onTestFinished(() => home[Symbol.asyncDispose]())
  await runAgentctl(['key', 'generate', '--name', 'anna', '--no-passphrase'], { home: home.path })
  const { routes, sent } = answeredCommands((payload) => {
    const answer = answers[payload.mode === 'plan' ? `${payload.kind} plan` : payload.kind]
    return answer?.(payload) ?? { failure: `the test answers no ${payload.kind}` }
  })
  const { url } = await fakeCollector({
    'GET /api/v1/nodes': () => nodes,
    ...Object.fromEntries(
      nodes.map(({ node }) => [`GET /api/v1/nodes/${node}/actions`, () => kinds.map(describeAction)]),
    ),
    ...routes,
  })
  return { world: { url, home: home.path }, sent }
}
