import { advice } from '../../common/tuning/advice.ts'
import type { Advice } from '../../common/tuning/advice.ts'
import { tunePlan } from '../../common/tuning/tune-plan.ts'
import type { TunePlan } from '../../common/tuning/tune-plan.ts'
import type { NodeView } from '../../common/wire/nodes.ts'
import { adviceArgs } from './advice-options.ts'
import type { AdviceOptions } from './advice-options.ts'
import { askNode } from './ask-node.ts'
import type { Asking } from './ask-node.ts'
import { chooseSettings, saidSettings } from './choose-settings.ts'
import type { Choice, ChosenSettings } from './choose-settings.ts'
import { guardArgs } from './guard-options.ts'
import type { GuardOptions } from './guard-options.ts'
import { readFacts } from './read-facts.ts'

/** What a change would do to one member. */
export interface NodePlan {
  readonly node: NodeView
  /** Undefined where the values were said. */
  readonly advice: Advice | undefined
  readonly chosen: ChosenSettings
  readonly plan: TunePlan
}

/** @throws PgherdError as the agent answers */
export async function adviceOf(asking: Asking, node: NodeView, options: AdviceOptions): Promise<Advice> {
  const view = await askNode(asking, node, { kind: 'tune-advise', args: adviceArgs(options) })
  return readFacts(view, advice)
}

/**
 * The values that are advised or said, and what they would do to a node's server as it is now.
 * @throws PgherdError USAGE or NOT_FOUND for a choice that cannot be, or as the agent answers
 */
export async function planOfNode(
  asking: Asking,
  node: NodeView,
  options: AdviceOptions & Choice & GuardOptions,
): Promise<NodePlan> {
  const { advised, chosen } = await choose(asking, node, options)
  const { settings } = chosen
  if (settings.size === 0)
    return { node, advice: advised, chosen, plan: emptyPlan(asking.server ?? node.node) }
  const view = await askNode(asking, node, {
    kind: 'tune-apply',
    mode: 'plan',
    args: { settings: assignments(settings), ...guardArgs(options) },
  })
  return { node, advice: advised, chosen, plan: readFacts(view, tunePlan) }
}

async function choose(asking: Asking, node: NodeView, options: AdviceOptions & Choice) {
  const said = saidSettings(options)
  if (said !== undefined) return { advised: undefined, chosen: said }
  const advised = await adviceOf(asking, node, options)
  return { advised, chosen: chooseSettings(advised, options) }
}

function emptyPlan(server: string): TunePlan {
  return { server, by: 'alter-system', settings: [], refusals: [], notes: [] }
}

/**
 * The arguments of tune-apply that change what was planned and shown, and only where it is still as it was shown.
 */
export function applyArgs(
  { plan }: Pick<NodePlan, 'plan'>,
  guard: GuardOptions,
): Readonly<Record<string, unknown>> {
  const changes = plan.settings.filter(({ state }) => state === 'change')
  const seen = changes.flatMap(({ name, current }) => (current === null ? [] : [[name, current] as const]))
  return {
    settings: assignments(new Map(changes.map(({ name, wanted }) => [name, wanted]))),
    ...(seen.length === 0 ? {} : { expected: assignments(new Map(seen)) }),
    ...guardArgs(guard),
  }
}

function assignments(settings: ReadonlyMap<string, string>): readonly string[] {
  return [...settings].map(([name, value]) => `${name}=${value}`)
}
