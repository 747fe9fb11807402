import { PgherdError } from '../../common/errors.ts'
import { movedLimits } from '../../common/tuning/standby-limits.ts'
import type { TunePlan } from '../../common/tuning/tune-plan.ts'
import type { NodeView } from '../../common/wire/nodes.ts'

export interface PlannedMember {
  readonly node: NodeView
  readonly plan: TunePlan
}

export interface OrderedMembers<T> {
  readonly members: readonly T[]
  /** One sentence. */
  readonly why: string
}

/**
 * The members of a cluster as they are to be changed: what a standby may not have below its primary rises on the standbys first, and
 * falls on the primary first. What Patroni keeps for all is changed once.
 * @throws PgherdError REFUSED where there is no such order
 */
export function orderMembers<T extends PlannedMember>(planned: readonly T[]): OrderedMembers<T> {
  const primary = planned.find(({ node }) => node.role === 'primary')
  const kept = planned.filter(({ plan }) => plan.by === 'keeper')
  if (kept.length > 0) {
    const one = kept.find((member) => member === primary) ?? kept[0]!
    return {
      members: [one],
      why: `Patroni keeps the settings for all members: they are changed once, by ${one.node.node}`,
    }
  }
  const moved = planned.map(({ plan }) =>
    movedLimits(
      plan.settings
        .filter(({ state }) => state === 'change')
        .map(({ name, current, wanted }) => ({ name, was: current, wanted })),
    ),
  )
  const rising = new Set(moved.flatMap((one) => one.rising))
  const falling = new Set(moved.flatMap((one) => one.falling))
  if (rising.size > 0 && falling.size > 0) {
    throw new PgherdError(
      'REFUSED',
      `${list(rising)} rises, which standbys take first, and ${list(falling)} falls, which the primary takes first; allowed: one after the other (--only, --except)`,
    )
  }
  const isLimit = rising.size + falling.size > 0
  if (isLimit && primary === undefined && planned.length > 1) {
    throw new PgherdError(
      'REFUSED',
      `nobody knows which member is the primary, and ${list(new Set([...rising, ...falling]))} has to be changed in order; allowed: a node each`,
    )
  }
  const standbys = planned.filter((member) => member !== primary)
  for (const name of rising) checkStandbys(name, primary, standbys)
  const primaries = primary === undefined ? [] : [primary]
  if (falling.size > 0) {
    return { members: [...primaries, ...standbys], why: `the primary first, since ${list(falling)} falls` }
  }
  return {
    members: [...standbys, ...primaries],
    why:
      rising.size > 0
        ? `the standbys first, since ${list(rising)} rises`
        : 'the standbys first, so that what does harm has done it before the primary has it',
  }
}

/** @throws PgherdError REFUSED where a standby would have less of it than its primary */
function checkStandbys(
  name: string,
  primary: PlannedMember | undefined,
  standbys: readonly PlannedMember[],
): void {
  const wantedOf = ({ plan }: PlannedMember): string | undefined =>
    plan.settings.find((setting) => setting.name === name)?.wanted
  const needed = primary === undefined ? undefined : wantedOf(primary)
  if (needed === undefined) return
  const below = standbys.filter((one) => !(Number(wantedOf(one)) >= Number(needed)))
  if (below.length === 0) return
  const names = below.map(({ node }) => node.node).join(', ')
  throw new PgherdError(
    'REFUSED',
    `${name} would be ${needed} on the primary, and less or as it is now on ${names}, whose replay would stop; allowed: --set ${name}=${needed} for all`,
  )
}

const list = (names: ReadonlySet<string>): string => [...names].join(' and ')
