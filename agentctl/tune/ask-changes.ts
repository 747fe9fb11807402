import { z } from 'zod'
import { tuneChange } from '../../common/tuning/tune-change.ts'
import type { TuneChange } from '../../common/tuning/tune-change.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import { askNode } from './ask-node.ts'
import type { Asking } from './ask-node.ts'
import { readFacts } from './read-facts.ts'

const answer = z.object({ changes: z.array(tuneChange), leftOut: z.number().optional() })
const one = z.object({ change: tuneChange })

/** Changes of a node's server, the newest last. @throws PgherdError as the agent answers */
export async function changesOf(
  asking: Asking,
  node: NodeView,
  limit: number,
): Promise<readonly TuneChange[]> {
  const view = await askNode(asking, node, { kind: 'tune-status', args: { limit } })
  const { changes, leftOut = 0 } = readFacts(view, answer)
  if (leftOut > 0) {
    asking.context.warn(`${leftOut} older changes are left out: they are longer than an answer may be`)
  }
  return changes
}

/** A change that was made or taken back by a command. @throws PgherdError as the agent answers */
export async function changeBy(
  asking: Asking,
  node: NodeView,
  asked: { readonly kind: 'tune-apply' | 'tune-rollback'; readonly args: Readonly<Record<string, unknown>> },
): Promise<TuneChange> {
  return readFacts(await askNode(asking, node, asked), one).change
}
