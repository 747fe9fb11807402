import type { Clock } from '../../common/clock.ts'
import { late } from '../../common/deadline.ts'
import { askedInTime } from './asked-in-time.ts'
import { failureOf } from './contact.ts'
import type { Contact, Failure } from './contact.ts'
import { withPatience } from './patience.ts'

type Watched = AsyncDisposable & { readonly isOpen: boolean; readonly closed?: Promise<unknown> | undefined }

export interface LinkWatchOptions<L extends Watched, T> {
  readonly open: (timeoutMs: number, signal: AbortSignal) => Promise<L>
  readonly ask: (link: L) => Promise<T>
  /**
   * Each look ends with one; what comes late, as of a server that goes on after a pause, comes between looks.
   * @param againMs until the next attempt, where it is not the next look
   */
  readonly onContact: (contact: Contact<T>, againMs: number) => void
  /** Of one look, milliseconds. */
  readonly deadlineMs: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export interface LinkWatch {
  /** Asks over the kept connection, and over a new one while that is silent; returns within the deadline. */
  look(): Promise<void>
}

/** A connect that is not answered is kept for so long: when the server goes on, it is the first to know. */
const attemptMs = 10_000
/** Refusals in a row, each a line in the server's log, after which the attempts become rarer. */
const patientRefusals = 5
const rareAttemptMs = 5_000

/**
 * Tells a server that hangs from one that is down, with at most two connections. Silence alone is no proof: the kept connection's
 * own process may hang, so in the second half of the deadline a new connection is tried, and either answer counts. A kept
 * connection that closes between looks is followed by a new one at once, once a look: a killed server is known to be down before
 * another one can be primary.
 */
export function createLinkWatch<L extends Watched, T>(options: LinkWatchOptions<L, T>): LinkWatch {
  const { clock, deadlineMs, signal } = options
  let held: { readonly link: L; isAsking: boolean } | undefined
  let isConnecting = false
  let mayRetry = false
  let mayFollow = false
  let refusals = 0
  let attemptAtMs = -Infinity
  let waiter: PromiseWithResolvers<undefined> | undefined

  const tell = (contact: Contact<T>, againMs = 0): void => {
    waiter?.resolve(undefined)
    waiter = undefined
    if (!signal.aborted) options.onContact(contact, againMs)
  }

  const tellFailure = ({ kind, reason, isLogged }: Failure): void => {
    refusals = isLogged ? refusals + 1 : 0
    const pauseMs = refusals > patientRefusals ? rareAttemptMs : 0
    attemptAtMs = clock.monotonic() + pauseMs
    tell({ kind, reason }, pauseMs)
  }

  const drop = (link: L): void => void link[Symbol.asyncDispose]()

  const connect = async (): Promise<void> => {
    if (isConnecting || signal.aborted) return
    isConnecting = true
    try {
      const link = await options.open(attemptMs, signal)
      isConnecting = false
      if (isAborted(signal) || (held !== undefined && !held.isAsking)) {
        drop(link)
        return
      }
      if (held !== undefined) drop(held.link)
      const opened = { link, isAsking: false }
      held = opened
      void link.closed?.then(() => follow(opened))
      await ask(opened)
    } catch (error) {
      isConnecting = false
      const failure = failureOf(error)
      if (failure.isBroken && mayRetry) {
        mayRetry = false
        await connect()
      } else tellFailure(failure)
    }
  }

  const follow = (lost: NonNullable<typeof held>): void => {
    if (held !== lost || lost.isAsking || !mayFollow || signal.aborted) return
    mayFollow = false
    mayRetry = true
    held = undefined
    drop(lost.link)
    void connect()
  }

  const ask = async (one: NonNullable<typeof held>): Promise<void> => {
    one.isAsking = true
    try {
      const value = await askedInTime(() => options.ask(one.link), deadlineMs, clock)
      if (held !== one) return
      refusals = 0
      tell({ kind: 'answered', value })
    } catch (error) {
      if (held !== one) return
      if (one.link.isOpen) tellFailure(failureOf(error))
      else {
        held = undefined
        drop(one.link)
        void connect()
      }
    } finally {
      one.isAsking = false
    }
  }

  signal.addEventListener('abort', () => {
    waiter?.resolve(undefined)
    if (held !== undefined) drop(held.link)
    held = undefined
  })

  return {
    async look() {
      if (signal.aborted) return
      mayRetry = true
      mayFollow = true
      const isIdle = held === undefined && !isConnecting
      if (isIdle && clock.monotonic() < attemptAtMs) return
      const arrival = Promise.withResolvers<undefined>()
      waiter = arrival
      if (held !== undefined && !held.link.isOpen) {
        drop(held.link)
        held = undefined
      }
      if (held === undefined) void connect()
      else if (!held.isAsking) void ask(held)
      const isNew = held === undefined
      if ((await withPatience(arrival.promise, deadlineMs / 2, clock)) !== late) return
      if (!isNew) void connect()
      if ((await withPatience(arrival.promise, deadlineMs / 2, clock)) !== late) return
      const silent = isNew
        ? `a new connection was not answered within ${deadlineMs} ms`
        : `the kept connection was silent for ${deadlineMs} ms, and a new one was not answered within ${deadlineMs / 2} ms`
      tell({ kind: 'hung', reason: silent })
    },
  }
}

/** A signal can abort during an await, which the narrowing of a property does not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
