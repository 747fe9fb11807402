import type { Clock } from '../../../common/clock.ts'
import { printAbout } from '../../../common/tuning/print-size.ts'
import type { PlannedSetting, SettingsPlan } from '../plan-settings.ts'
import type { SettingsSession } from '../read-settings.ts'
import type { ServerSettings } from '../server-settings.ts'
import { cgroupMemoryLeft } from './cgroup-memory.ts'
import { checkMemory } from './memory-checks.ts'
import { preflight } from './preflight.ts'
import type { PreflightResult } from './preflight-result.ts'
import { readHostMemory } from './read-host-memory.ts'
import { findRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { shadowingRoles } from './shadowing-roles.ts'
import { belowPrimary, memberOrder } from './standby-limits.ts'

/** What a check has found, sentences: the first keep a plan from being carried out, the others are to be known. */
interface Findings {
  readonly refusals: readonly string[]
  readonly notes: readonly string[]
}

/**
 * Tries a plan beside the server: the same plan, with what speaks against its next start among the refusals, and else in the notes that
 * it was tried, or why not. Nothing is tried where nothing changes or waits, nor where the plan says already that the files are bad.
 * @throws PgherdError of the session, or what the signal is aborted with
 */
export async function checkPlan(
  server: { readonly session: SettingsSession; readonly clock: Clock; readonly signal: AbortSignal },
  plan: SettingsPlan,
  now: ServerSettings,
): Promise<SettingsPlan> {
  const open = plan.settings.filter(({ state }) => state !== 'as-wanted')
  if (open.length === 0 || now.fileErrors.length > 0) return plan
  const changes = open.filter(({ state }) => state === 'change')
  const found = await findRunningServer(server.session)
  const tried = typeof found === 'string' ? notTried(found) : await tryBeside(found, open, server)
  const shadows = await shadowingRoles(
    server.session,
    changes.map(({ name }) => name),
  )
  return {
    ...plan,
    refusals: [...plan.refusals, ...tried.refusals],
    notes: [...plan.notes, ...tried.notes, ...memberOrder(changes), ...shadows],
  }
}

async function tryBeside(
  running: RunningServer,
  open: readonly PlannedSetting[],
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Findings> {
  // What is written and waits is in the files, unless it is on a command line that somebody will write anew.
  const values = open.filter(({ state, name }) => state === 'change' || running.commandLine.has(name))
  const result = await preflight(running, {
    values: new Map(values.map(({ name, wanted }) => [name, wanted])),
    clock,
    signal,
  })
  if (result.outcome === 'not-run') return notTried(result.why)
  if (result.outcome === 'refused') return { refusals: [refusalOf(result)], notes: [] }
  const memory = checkMemory(result.sharedMemory, result.hugePagesMode, running.sharedMemory, {
    ...(await readHostMemory()),
    cgroupLeftBytes: cgroupMemoryLeft(running.pid),
  })
  const refusals = [...belowPrimary(result.standbySettings, result.primarySettings), ...memory.refusals]
  if (refusals.length > 0) return { refusals, notes: memory.notes }
  return { refusals, notes: [acceptedText(result, running), ...memory.notes] }
}

const notTried = (why: string): Findings => ({
  refusals: [],
  notes: [`whether the server starts again with this was not tried: ${why}`],
})

function refusalOf({
  words,
  parameter,
  isSoAlready,
}: PreflightResult & { readonly outcome: 'refused' }): string {
  const about = parameter === null || words.includes(parameter) ? '' : `${parameter}: `
  return isSoAlready
    ? `the server would not start again as its files are now: ${about}${words}`
    : `the server would not start again with this: ${about}${words}`
}

/** In the notes, of a standby. */
export const notCompared = 'it was not compared with what its primary has, which takes pg_controldata'

function acceptedText(
  { isWhole, sharedMemory, primarySettings }: PreflightResult & { readonly outcome: 'accepted' },
  { inRecovery }: RunningServer,
): string {
  const limits = [
    ...(isWhole ? [] : ['its libraries were not loaded, which takes PostgreSQL 15']),
    ...(inRecovery && primarySettings.size === 0 ? [notCompared] : []),
  ]
  const size = `${sharedMemory.isEstimate ? 'about ' : ''}${printAbout(sharedMemory.bytes)} of shared memory`
  const but = limits.length === 0 ? '' : `; ${limits.join('; ')}`
  return `tried beside the running server, which would start with this (${size})${but}`
}
