import type { CommandView } from '../../common/command/command-view.ts'
import type { SigningKey } from '../../common/command/private-key.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import type { CollectorClient } from '../client.ts'
import type { CliContext } from '../context.ts'
import { askForActions, findAction } from '../steer/ask-for-actions.ts'
import { targetsOf } from '../steer/compose.ts'
import { sentenceOf, throwUnlessDone } from '../steer/outcome.ts'
import { sendAndWait } from '../steer/run-action.ts'
import { printable } from '../terminal.ts'

/** Who asks, and which server of a node is meant. */
export interface Asking {
  readonly context: CliContext
  readonly client: CollectorClient
  readonly key: SigningKey
  /** Where a node has several. */
  readonly server: string | undefined
  readonly reason: string
}

const lifetimeMs = 60_000

/**
 * One signed command to a node's server, waited for.
 * @throws PgherdError whose exit status says how it ended; its words were printed then
 */
export async function askNode(
  { context, client, key, server, reason }: Asking,
  node: NodeView,
  asked: {
    readonly kind: string
    readonly args: Readonly<Record<string, unknown>>
    readonly mode?: 'plan' | 'run'
  },
): Promise<CommandView> {
  const action = findAction(await askForActions(client, node.node), asked.kind, node.node)
  const targets = targetsOf([node], action, server)
  const run = { action, args: asked.args, targets, key, reason, lifetimeMs, signaturesNeeded: 1 }
  const waitMs = lifetimeMs + action.deadlineMs + 5_000
  const views = await sendAndWait(context, client, run, asked.mode ?? 'run', waitMs)
  const [view] = views
  if (view !== undefined && view.state !== 'done') {
    context.warn(printable(`${view.server ?? view.node}: ${sentenceOf(view)}`))
    for (const step of view.result?.steps ?? []) context.warn(printable(`  ${step}`))
  }
  throwUnlessDone(views, 1)
  // The check above has thrown where there is none.
  return views[0]!
}
