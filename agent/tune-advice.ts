import type { Clock } from '../common/clock.ts'
import { PgherdError, messageOf } from '../common/errors.ts'
import type { Log } from '../common/log.ts'
import type { Advice } from '../common/tuning/advice.ts'
import type { TuneChange } from '../common/tuning/tune-change.ts'
import type { Target } from './actions/targets.ts'
import type { AdviceRequest, TuneAsked } from './actions/tune/controls.ts'
import { noPart } from './tuning/advised-part.ts'
import type { AdvisedPart } from './tuning/advised-part.ts'
import { advise } from './tuning/advise/advise.ts'
import type { History, ServerAdvice } from './tuning/advise/advise.ts'
import { wholeAdvice } from './tuning/advise/whole-advice.ts'
import { readDetails } from './tuning/details/read-details.ts'
import { detectServer } from './tuning/detect/detect-server.ts'
import type { DetectOptions } from './tuning/detect/detect-server.ts'
import type { Detected } from './tuning/detect/detected.ts'
import { adviseKernel } from './tuning/kernel/advise-kernel.ts'
import { neededHugePages } from './tuning/kernel/needed-huge-pages.ts'
import { readObservedServer } from './tuning/observe/observed-server.ts'
import { advisePooler } from './tuning/pooler/advise-pooler.ts'
import { pooledServer } from './tuning/pooler/pooled-server.ts'
import type { PoolerSeen } from './tuning/pooler/pooler-seen.ts'
import { watchPooler } from './tuning/pooler/watch-pooler.ts'
import { findRunningServer } from './tuning/preflight/running-server.ts'
import { chooseProfile } from './tuning/profile/choose-profile.ts'
import type { Situation } from './tuning/recommend/situation.ts'
import { rules } from './tuning/rules/rules.ts'

/** What an advice is made from beside the server itself. */
export interface AdviceSources {
  readonly clock: Clock
  readonly log: Log
  /** Undefined where nothing is known of the server's load yet. */
  history(hours: number): Promise<History | undefined>
  /** Of the server, the newest last. */
  changes(): Promise<readonly TuneChange[]>
  /** The pgBouncer in front of it that this agent watches too. */
  readonly pooler: Target | undefined
}

const readMs = 5_000
const connectMs = 10_000
/** Where the kernel does not say how large its huge pages are. */
const usualHugePage = 2 * 1024 ** 2

/** @param hours - of history that count for what is told of the load */
export async function detectFor(
  asked: TuneAsked,
  { clock, history }: Pick<AdviceSources, 'clock' | 'history'>,
  { hours, ...how }: { readonly hours: number } & Pick<DetectOptions, 'said' | 'withoutInventory'>,
): Promise<Detected & { readonly known: History | undefined }> {
  const known = await history(hours)
  const found = await detectServer(asked.session, {
    ...{ clock, signal: asked.signal, evidence: known?.evidence },
    ...how,
  })
  return { ...found, known }
}

/**
 * Everything that is advised about a server, its pooler and its kernel. Takes some seconds where there is a pooler, which is looked at
 * meanwhile.
 * @throws PgherdError REFUSED where nobody knows the server's machine, or of its session
 */
export async function adviceFor(
  asked: TuneAsked,
  request: AdviceRequest,
  sources: AdviceSources,
): Promise<Advice> {
  // What fails early leaves nobody looking at the pooler for the rest of his ten seconds.
  const over = new AbortController()
  const signal = AbortSignal.any([asked.signal, over.signal])
  try {
    return await adviceBeside(lookAtPooler(signal, sources), asked, request, sources)
  } finally {
    over.abort()
  }
}

async function adviceBeside(
  watching: ReturnType<typeof lookAtPooler>,
  asked: TuneAsked,
  request: AdviceRequest,
  sources: AdviceSources,
): Promise<Advice> {
  const { server, session, signal } = asked
  const { clock } = sources
  asked.progress(null, 'looks at the server and its machine')
  const { profile, windowHours: hours, connections, machine: said } = request
  const found = await detectFor(asked, sources, { hours, said, withoutInventory: true })
  const { machine, whyNoMachine, known: history, host, owner } = found
  if (machine === null) throw new PgherdError('REFUSED', whyNoMachine ?? 'nobody knows its machine')
  const chosen =
    profile === 'auto' ? chooseProfile(history?.evidence) : { profile, reason: 'which was asked for' }
  const situation: Situation = { machine, profile: chosen.profile, server: found.server, connections }
  const details = await readDetails(session, await readObservedServer(session, readMs))
  const own = advise({
    ...{ situation, host, details, rules, history, owner },
    changes: recentOf(await sources.changes()),
    nowMs: clock.now(),
  })
  const pages = await neededHugePages(await findRunningServer(session), own.proposals, {
    ...{ pageBytes: host.hugePages?.pageBytes ?? usualHugePage, clock, signal },
  })
  const kernel = adviseKernel({
    ...{ host, machine, outcome: own.outcome, pages },
    worstCaseBytes: own.budget.limits[0]?.bytes ?? 0,
    hasPooler: sources.pooler !== undefined,
  })
  const pooler = poolerPart(await watching, { situation, own, history })
  return wholeAdvice(
    { server, situation, profileReason: chosen.reason, hours: history?.evidence.hours ?? 0 },
    { own, pooler, kernel },
  )
}

/** Why there is nothing of it where its console does not answer: that keeps nobody from an advice. */
async function lookAtPooler(
  signal: AbortSignal,
  { pooler, clock, log }: AdviceSources,
): Promise<PoolerSeen | string | undefined> {
  if (pooler === undefined) return undefined
  try {
    await using console = await pooler.open(connectMs)
    return await watchPooler(console, { clock, signal })
  } catch (error) {
    if (signal.aborted) return undefined
    log.warn({ pooler: pooler.server, error: messageOf(error) }, 'tuning: a pooler is not advised')
    return `pgBouncer (${pooler.server}) was not looked at: ${messageOf(error)}`
  }
}

function poolerPart(
  seen: PoolerSeen | string | undefined,
  server: {
    readonly situation: Situation
    readonly own: ServerAdvice
    readonly history: History | undefined
  },
): AdvisedPart {
  if (seen === undefined) return noPart
  if (typeof seen === 'string') return { proposals: [], notes: [seen] }
  const { situation, own, history } = server
  return advisePooler(seen, pooledServer(situation, own.outcome.load, history?.evidence))
}

/** What was changed here and not taken back, setting by setting. */
function recentOf(changes: readonly TuneChange[]) {
  return changes
    .filter(({ state }) => state !== 'rolled-back' && state !== 'rolling-back')
    .flatMap(({ settings, startedMs }) => settings.map(({ name }) => ({ name, atMs: startedMs })))
}
