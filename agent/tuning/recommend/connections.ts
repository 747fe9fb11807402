import { printAbout } from '../../../common/tuning/print-size.ts'
import { constants } from './constants.ts'
import { draft } from './draft.ts'
import type { Draft } from './draft.ts'
import { clamp } from './sizes.ts'
import { currentOf } from './situation.ts'
import type { Situation } from './situation.ts'

/** How many clients the server lets in, and how many of them run something at once. */
export interface Connections {
  readonly connections: number
  readonly active: number
  readonly drafts: readonly Draft[]
  readonly notes: readonly string[]
}

/** @param atMost - how many the memory holds, if they are nobody's but ours to choose */
export function chooseConnections(situation: Situation, atMost = Infinity): Connections {
  const { machine, profile, server } = situation
  const { processors } = machine
  const { connections, why, evidence } = numberOf(situation, atMost)
  const { perProcessor, plus, least } = constants.active[profile]
  const expected = Math.max(least, perProcessor * processors + plus)
  const active = Math.min(connections, server.activeSessions ?? expected)
  const many = Math.min(
    constants.connectionsWithoutPooler,
    Math.max(constants.connectionsMany, constants.connectionsManyPerProcessor * processors),
  )
  return {
    connections,
    active,
    drafts: [
      draft('max_connections', connections, {
        reason: why,
        evidence,
        risk: 'clients beyond it are turned away; a standby needs at least as many as its primary, so it is raised there first and lowered there last',
        effect: 'each one more costs about 50kB when idle and 4MB in use, and makes every snapshot slower',
        confidence: evidence === 'hardware' ? 'medium' : 'high',
      }),
    ],
    notes:
      connections > many
        ? [
            `${connections} connections on ${processors} ${processors === 1 ? 'processor' : 'processors'} wait for each other when all of them are used: put pgBouncer in front, and do not raise max_connections`,
          ]
        : [],
  }
}

function numberOf(
  situation: Situation,
  atMost: number,
): {
  readonly connections: number
  readonly why: string
  readonly evidence: string
} {
  const { machine, profile, server } = situation
  if (situation.connections !== null) {
    const { connections } = situation
    return { connections, why: `${connections} are asked for`, evidence: 'asked for' }
  }
  const current = currentOf(situation, 'max_connections')
  const peak = server.peakConnections
  if (current !== undefined) {
    if (peak === null || peak < 0.8 * current) {
      const used = peak === null ? '' : `, of which ${peak} were used at most`
      return { connections: current, why: `the server has ${current}${used}`, evidence: 'pg_stat_activity' }
    }
    const wanted = Math.ceil(peak * constants.connectionsOfPeak)
    const connections = Math.max(current, Math.min(wanted, constants.connectionsWithoutPooler))
    const why = `${peak} of ${current} were used at once, and a third more than that is room enough`
    return { connections, why, evidence: 'pg_stat_activity' }
  }
  const { processors, memoryBytes } = machine
  if (atMost < Infinity) {
    return { connections: atMost, why: `no more fit into ${printAbout(memoryBytes)}`, evidence: 'hardware' }
  }
  if (profile === 'tiny' || memoryBytes <= constants.smallMemoryBytes) {
    const why =
      profile === 'tiny' ? 'a server beside other things has few clients' : 'the memory is 1GB or less'
    return { connections: constants.connectionsTiny, why, evidence: 'hardware' }
  }
  const isOlap = profile === 'olap'
  const each = isOlap ? constants.connectionsPerProcessorOlap : constants.connectionsPerProcessor
  const connections = isOlap
    ? clamp(each * processors, constants.connectionsLeastOlap, constants.connectionsMostOlap)
    : clamp(each * processors, constants.connectionsLeast, constants.connectionsWithoutPooler)
  const why = `${each} for each of ${processors} processors, within ${isOlap ? '40 to 100' : '100 to 400'}`
  return { connections, why, evidence: 'hardware' }
}
