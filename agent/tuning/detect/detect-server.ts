import type { Clock } from '../../../common/clock.ts'
import { createKernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { KernelFiles } from '../../../common/kernel/kernel-files.ts'
import type { Evidence } from '../evidence/evidence.ts'
import { readLatency } from '../evidence/read-latency.ts'
import { chooseProfile } from '../profile/choose-profile.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import { chooseDiskClass } from './choose-disk-class.ts'
import type { ChosenDiskClass } from './choose-disk-class.ts'
import { readDatabaseSize } from './database-size.ts'
import type { DatabaseSize } from './database-size.ts'
import { describeAll } from './describe/describe-all.ts'
import type { Detected, SaidMachine } from './detected.ts'
import { findOwner } from './find-owner.ts'
import { findHost } from './found-host.ts'
import type { FoundHost } from './found-host.ts'
import { hostFactsOf } from './host-facts-of.ts'
import { readInventory } from './inventory.ts'
import { readKnownSettings } from './known-settings.ts'
import { machineOf } from './machine-of.ts'
import { readOwnerSigns } from './owner-signs.ts'
import { readTold } from './told.ts'
import type { DetectSession, Told } from './told.ts'

export interface DetectOptions {
  /** A wall clock for what a person reads, a monotonic one for limits. */
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Where /proc, /sys and everything else of the host lie; `/` unless told. */
  readonly root?: string
  /** Of the server's history, as long as there is one; undefined where there is none. */
  readonly evidence?: Evidence | undefined
  readonly said?: SaidMachine
  /** Whether the inventory of the hardware, which only a person reads, is left out. */
  readonly withoutInventory?: boolean
}

/** Judgement: of a shorter time nobody knows how many sessions are active when it matters. */
const hoursForActive = 24

/**
 * Finds out what a server is and what it runs on: by what it says, by its process and its cgroup where it runs on this host, and by how
 * long its reads take. A second or two, most of it for the inventory; changes nothing.
 * @throws PgherdError of the session
 */
export async function detectServer(session: DetectSession, options: DetectOptions): Promise<Detected> {
  const { clock, signal, root = '/', evidence, said = nothingSaid, withoutInventory = false } = options
  const told = await readTold(session)
  const size = await readDatabaseSize(session)
  const server = await knownServer(session, told, { size, evidence })
  using files: KernelFiles = createKernelFiles(root, () => clock.monotonic())
  const found = await findHost(files, told, { root, clock, signal })
  const host = typeof found === 'string' ? undefined : found
  const disk: ChosenDiskClass = chooseDiskClass({
    said: said.diskClass,
    latency: evidence === undefined ? undefined : readLatency(evidence),
    device: host?.data,
  })
  const facts = hostFactsOf(files, host)
  const owner = findOwner(readOwnerSigns(files, told, host))
  const { machine, whyNoMachine } = machineOf({ host, facts, said, diskClass: disk.diskClass }, whyNot(found))
  const detection = describeAll({
    told,
    server,
    inRecovery: session.inRecovery,
    nowMs: clock.now(),
    owner,
    host,
    facts,
    inventory: host === undefined || withoutInventory ? undefined : await readInventory(files, clock, signal),
    disk,
    size,
    evidence,
    profile: chooseProfile(evidence),
    said,
    whyNoMachine,
  })
  return { machine, whyNoMachine, server, host: facts, owner, detection }
}

const nothingSaid: SaidMachine = { memoryBytes: null, processors: null, diskClass: null }

function whyNot(found: FoundHost | string): string {
  return typeof found === 'string' ? found : ''
}

async function knownServer(
  session: DetectSession,
  told: Told,
  { size, evidence }: { readonly size: DatabaseSize | null; readonly evidence: Evidence | undefined },
): Promise<KnownServer> {
  const active = evidence?.usualMax('activity.active')
  const isLong = (evidence?.hours ?? 0) >= hoursForActive
  return {
    major: Math.floor(session.versionNumber / 10_000),
    isRunning: true,
    settings: await readKnownSettings(session),
    databaseBytes: size?.bytes ?? null,
    peakConnections: evidence?.max('activity.client_backends') ?? null,
    activeSessions: active === undefined || !isLong ? null : Math.max(1, Math.ceil(active)),
    availableExtensions: new Set(told.available),
  }
}
