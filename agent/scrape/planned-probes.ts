import type { Clock } from '../../common/clock.ts'
import type { Session } from '../postgres/session.ts'
import type { ProbeDefinition } from '../probes/definition.ts'
import { planProbes } from '../probes/plan.ts'
import type { ServerFacts } from '../probes/plan.ts'
import { createProbeAccount } from './probe-account.ts'
import type { ProbeAccount } from './probe-account.ts'
import { createProbeRunner } from './probe-runner.ts'
import type { ProbeRunner } from './probe-runner.ts'

/** The accounts of all probes of one server. */
export interface ProbeAccounts {
  of(probe: ProbeDefinition): ProbeAccount
  forget(place: string): void
}

/** @param databaseIntervalMs between two looks into a database, where a probe's ttl is shorter */
export function createProbeAccounts(databaseIntervalMs = 0): ProbeAccounts {
  const byBranch = new Map<string, ProbeAccount>()
  return {
    of(probe) {
      let account = byBranch.get(probe.branch)
      // After a reload of the probe files the branch may be another one.
      if (account?.probe !== probe) {
        const leastMs = isOfDatabase(probe) ? databaseIntervalMs : 0
        byBranch.set(probe.branch, (account = createProbeAccount(probe, leastMs)))
      }
      return account
    },
    forget(place) {
      for (const account of byBranch.values()) account.forget(place)
    },
  }
}

function isOfDatabase({ tags }: ProbeDefinition): boolean {
  return !tags.includes('cluster') && !tags.includes('pgbouncer')
}

/** The runners of the probes that fit one connection, planned anew when something that decides about it changes. */
export interface PlannedProbes {
  /** @returns the runners in the order to run them, and whether the plan is new: then the connection may still have the
   * prepared statements of the former one */
  for(
    facts: ServerFacts,
    probes: readonly ProbeDefinition[],
  ): { readonly runners: readonly ProbeRunner[]; readonly isNew: boolean }
  /** Those of the latest plan. */
  latest(): readonly ProbeRunner[]
}

export interface PlannedProbesOptions {
  readonly session: Session
  readonly accounts: ProbeAccounts
  /** See `ProbeRunnerOptions`. */
  readonly place: string
  /** Prepares the statements: worth it on a connection that stays. */
  readonly prepare: boolean
  /** What the user has given the agent; see `explainPlan`. */
  readonly tags: ReadonlySet<string>
  readonly clock: Clock
}

export function createPlannedProbes(options: PlannedProbesOptions): PlannedProbes {
  const { session, accounts, place, prepare, tags, clock } = options
  let plan: { key: string; probes: readonly ProbeDefinition[]; runners: readonly ProbeRunner[] } | undefined
  let statements = 0
  const createName = prepare ? (): string => `pgherd_${++statements}` : undefined

  return {
    for(facts, probes) {
      const key = planKey(facts)
      if (plan?.key === key && plan.probes === probes) return { runners: plan.runners, isNew: false }
      const runners = planProbes(probes, facts, tags).map((probe) =>
        createProbeRunner({ session, probe, account: accounts.of(probe), place, createName, clock }),
      )
      plan = { key, probes, runners }
      return { runners, isNew: true }
    },
    latest: () => plan?.runners ?? [],
  }
}

function planKey(facts: ServerFacts): string {
  const { versionNumber, inRecovery, database, user, extensions, schemas } = facts
  return JSON.stringify([versionNumber, inRecovery, database, user, [...extensions], [...schemas].sort()])
}
