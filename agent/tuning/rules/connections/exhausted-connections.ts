import { printShare } from '../../../../common/tuning/print-size.ts'
import { constants as baseline } from '../../recommend/constants.ts'
import { settingOf } from '../../recommend/situation.ts'
import { roomWith } from '../memory/memory-with.ts'
import { nothing } from '../rule.ts'
import type { Finding, Rule, RuleDraft, RuleInput } from '../rule.ts'
import { constants } from './constants.ts'

/** Connections that run out: of sessions that do nothing a pooler needs a fraction; only where they are at work are more places of use. */
export const exhaustedConnections: Rule = {
  id: 'C1',
  what: 'connections that run out',
  advise(input) {
    const { evidence, situation } = input
    const peak = evidence.usualMax('activity.client_backends')
    const connections = settingOf(situation, 'max_connections')
    if (peak === undefined || connections === undefined) return nothing
    const reserved =
      (settingOf(situation, 'superuser_reserved_connections') ?? 0) +
      (settingOf(situation, 'reserved_connections') ?? 0)
    const places = connections - reserved
    if (peak <= constants.usedShare * places) return nothing
    const told = `${peak} of ${places} connections were in use (${reserved} more are reserved)${peak >= places ? ', so that clients were turned away' : ''}`
    return isMostlyIdle(input) ? fewerSessions(input, told, peak) : moreConnections(input, told, connections)
  },
}

function isMostlyIdle({ evidence, situation }: RuleInput): boolean {
  const active = evidence.usualMax('activity.active') ?? 0
  return (
    active <= constants.activePerProcessor * situation.machine.processors &&
    idleShareOf(evidence) > constants.idleShare
  )
}

function idleShareOf(evidence: RuleInput['evidence']): number {
  const idle = evidence.mean('activity.idle') ?? 0
  const all =
    idle + (evidence.mean('activity.active') ?? 0) + (evidence.mean('activity.idle_in_transaction') ?? 0)
  return all === 0 ? 0 : idle / all
}

function fewerSessions(input: RuleInput, told: string, peak: number): Finding {
  const { evidence, situation, details } = input
  const active = evidence.usualMax('activity.active') ?? 0
  const { processors } = situation.machine
  const use = `${told}, while ${active} at most ran something and ${printShare(idleShareOf(evidence))} did nothing`
  const notes = [
    `${use}: put pgBouncer in front, with pools of about ${Math.max(active, 2 * processors + 1)} connections together (2 for each of ${processors} processors and one, or as many as are active); more of max_connections would only hold more idle sessions`,
  ]
  const forgotten = (details.roleSessions ?? []).reduce((sum, { longIdle }) => sum + longIdle, 0)
  const timeout = settingOf(situation, 'idle_session_timeout')
  if (timeout !== 0 || forgotten < constants.forgottenShare * peak) return { drafts: [], notes }
  const draft: RuleDraft = {
    parameter: 'idle_session_timeout',
    proposed: '1h',
    reason: `${use}, and ${forgotten} have done nothing for an hour`,
    evidence: "pg_stat_activity where state = 'idle', by state_change",
    risk: 'a client that does not connect again by itself meets an error; a role of a pooler can be left out by ALTER ROLE',
    effect: 'places that somebody has forgotten are free again',
    confidence: 'low',
  }
  return { drafts: [draft], notes }
}

function moreConnections(input: RuleInput, told: string, connections: number): Finding {
  const active = input.evidence.usualMax('activity.active') ?? 0
  const busy = `${told}, and up to ${active} ran something at once`
  const most = Math.max(baseline.connectionsWithoutPooler, connections)
  const next = Math.min(Math.ceil(connections * constants.connectionsStep), most)
  if (next <= connections) {
    return {
      drafts: [],
      notes: [
        `${busy}: more than ${connections} would only wait for each other; put pgBouncer in front of them`,
      ],
    }
  }
  const room = roomWith(input, { connections: next })
  if (!room.fits) {
    return {
      drafts: [],
      notes: [`${busy}: with ${next} connections ${room.why}; put pgBouncer in front of them`],
    }
  }
  const draft: RuleDraft = {
    parameter: 'max_connections',
    proposed: String(next),
    reason: busy,
    evidence: 'pg_stat_activity: the largest count of client backends in five minutes',
    risk: 'a standby needs at least as many as its primary, so it is raised there first; the memory budget holds with it',
    effect: 'clients are let in that were turned away',
    confidence: 'medium',
    takesMemory: true,
  }
  return { drafts: [draft], notes: [] }
}
