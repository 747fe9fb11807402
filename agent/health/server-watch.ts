import type { Clock } from '../../common/clock.ts'
import type { InstanceHealth } from '../../common/health/instance-health.ts'
import type { Contact } from './contact.ts'
import { judgeInstance } from './judge-instance.ts'
import type { Observations } from './judge-instance.ts'
import { createLinkWatch } from './link-watch.ts'
import type { OpenLink } from './link.ts'
import { askLive } from './live-query.ts'
import type { LiveAnswer } from './live-query.ts'
import { fresh, momentOf } from './seen.ts'
import type { Moment, Seen } from './seen.ts'
import { openServerLink } from './server-link.ts'
import type { ServerFacts, ServerLink } from './server-link.ts'
import { askSettings } from './settings-query.ts'
import type { SettingsAnswer } from './settings-query.ts'
import { askSlow } from './slow-query.ts'
import type { SlowAnswer } from './slow-query.ts'
import type { SpaceWatch } from './space-watch.ts'

export interface ServerWatchOptions {
  /** The ins and cls labels. */
  readonly server: string
  readonly cluster: string
  readonly open: OpenLink
  /** Undefined for a server on another machine. */
  readonly space: SpaceWatch | undefined
  /** What the other watches say; see `Observations`. */
  readonly around: (facts: ServerFacts | undefined, now: Moment) => Omit<Observations['around'], 'space'>
  readonly clock: Clock
  readonly intervalMs: number
  readonly deadlineMs: number
  /**
   * Called after each observation.
   * @param untilMs - until when the server's answer counts, milliseconds since the epoch; null while it was not asked yet
   */
  readonly onChange: (health: InstanceHealth, untilMs: number | null) => void
  readonly signal: AbortSignal
}

export interface ServerWatch {
  /** One cycle; returns within the deadline. */
  look(): Promise<void>
  /** What is known now: from the last cycle, or, when that is too old, that nothing is. */
  current(): InstanceHealth
  /** As `onChange` has it. */
  untilMs(): number | null
  /** Something around the server was seen. */
  judge(): void
}

const slowEveryMs = 5_000
const settingsEveryMs = 10_000
/** Beyond the next cycle and its deadline: for timers that come late. */
const slackMs = 200

export function createServerWatch(options: ServerWatchOptions): ServerWatch {
  const { server, cluster, clock, intervalMs, deadlineMs, space } = options
  let contact: Seen<Contact<LiveAnswer>> | undefined
  let slow: Seen<SlowAnswer> | undefined
  let settings: Seen<SettingsAnswer> | undefined
  let facts: ServerFacts | undefined
  let systemIdentifier: string | null = null
  let dataDirectory: string | null = null
  let slowDueMs = -Infinity
  let settingsDueMs = -Infinity
  let last: InstanceHealth | undefined

  const judge = (): InstanceHealth => {
    const now = momentOf(clock)
    const around = { ...options.around(facts, now), space: [...(space?.view(now) ?? [])] }
    const judged = judgeInstance({ contact, slow, settings, facts, systemIdentifier, around }, now)
    const sinceMs = last?.state === judged.state && last.role === judged.role ? last.sinceMs : now.wallMs
    last = { server, cluster, sinceMs, ...judged }
    return last
  }
  const untilMs = (): number | null => (contact === undefined ? null : contact.at.wallMs + contact.validMs)
  const tell = (): void => options.onChange(judge(), untilMs())

  const askRest = async (link: ServerLink): Promise<void> => {
    const nowMs = clock.monotonic()
    if (nowMs >= slowDueMs) {
      slowDueMs = nowMs + slowEveryMs - intervalMs / 2
      const value = await askSlow(link)
      slow = { value, at: momentOf(clock), validMs: 2 * slowEveryMs + deadlineMs }
      systemIdentifier = value.control?.systemIdentifier ?? systemIdentifier
    }
    if (nowMs >= settingsDueMs) {
      settingsDueMs = nowMs + settingsEveryMs - intervalMs / 2
      const value = await askSettings(link)
      settings = { value, at: momentOf(clock), validMs: 2 * settingsEveryMs + deadlineMs }
      dataDirectory = value.dataDirectory
    }
    if (dataDirectory !== null) await space?.look(dataDirectory)
  }

  let isRestUnderWay = false
  const links = createLinkWatch<ServerLink, LiveAnswer>({
    open: (timeoutMs, signal) => openServerLink(options.open, timeoutMs, signal),
    async ask(link) {
      const answer = await askLive(link)
      // A restarted server may be another one, with other settings.
      if (facts?.postmasterStartMs !== link.facts.postmasterStartMs) {
        slow = undefined
        settings = undefined
        slowDueMs = settingsDueMs = -Infinity
      }
      facts = link.facts
      if (!isRestUnderWay) {
        isRestUnderWay = true
        void askRest(link)
          .then(tell, () => undefined)
          .finally(() => (isRestUnderWay = false))
      }
      return answer
    },
    onContact(value, againMs) {
      contact = { value, at: momentOf(clock), validMs: intervalMs + deadlineMs + slackMs + againMs }
      tell()
    },
    deadlineMs,
    clock,
    signal: options.signal,
  })

  return {
    look: () => links.look(),
    current() {
      return last === undefined || fresh(contact, momentOf(clock)) === undefined ? judge() : last
    },
    untilMs,
    judge: tell,
  }
}
