import type { Clock } from '../../../../common/clock.ts'
import { messageOf } from '../../../../common/errors.ts'
import type { QueryRegression } from '../../../../common/insight/queries-view.ts'
import type { Log } from '../../../../common/log.ts'
import { labelValue } from '../../../../common/series/label-set.ts'
import type { NewEvent } from '../../../../common/wire/events.ts'
import type { AskSamples } from '../../ask-samples.ts'
import { totalOf } from '../figures.ts'
import { readCounters, stepsOf } from '../read-counters.ts'
import type { CountedQuery } from '../read-counters.ts'
import { oneOf, otherStatements } from '../selection.ts'
import type { StatementTexts } from '../statement-texts.ts'
import { keyOf } from '../top-queries.ts'
import { behaviourCounters, behaviourOf } from './behaviour.ts'
import type { Behaviour } from './behaviour.ts'
import { isAsBefore, judgeBehaviour } from './judge-behaviour.ts'
import { regressionEvent } from './regression-event.ts'
import type { Place, WatchedQueries } from './watched-queries.ts'

export interface RegressionTimes {
  /** How often statements are looked at. */
  readonly everyMs: number
  /** What is looked at. */
  readonly windowMs: number
  /** What it is compared with, which lies before it. */
  readonly referenceMs: number
}

export interface RegressionOptions {
  readonly store: AskSamples
  readonly texts: Pick<StatementTexts, 'textOf' | 'executed'>
  readonly watched: WatchedQueries
  readonly times: RegressionTimes
  readonly clock: Clock
  readonly log: Log
  readonly add: (event: NewEvent) => void
}

export interface RegressionWatch {
  /** One look at everything. @throws PgherdError of the store */
  look(signal: AbortSignal): Promise<void>
  /** Until the signal aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

/** Calls within the window, and within the time of the reference, below which nothing is judged. */
const fewestCalls = 30
const fewestReferenceCalls = 100
/** Of the 48 windows of a week: a day of it. */
const fewestBusyWindows = 7
/** Looks in a row that have to find the same. */
const looksInARow = 2
/** A week of so many statements is read in one look, at most: a tenth of a second or so. */
const referencesPerLook = 50
const dayMs = 86_400_000

/** Compares what statements do with what they did in the week before, and tells once of each that has become worse. */
export function watchRegressions(options: RegressionOptions): RegressionWatch {
  const { store, texts, watched, times, clock, log, add } = options
  const leastStepMs = Math.min(60_000, times.windowMs / 4)
  /** How often in a row something was found of a statement that would change what is known of it. */
  let suspected = new Map<string, number>()
  /** When each statement that is worse was executed often enough to be judged. */
  const judgedAt = new Map<string, number>()
  let looks = 0
  let isFailing = false

  /** Another one first each time: where references are made for so many only, each has its turn. */
  const clusters = async (nowMs: number, signal: AbortSignal): Promise<readonly string[]> => {
    const found = await store.vector('count by (cls) (pg_query_calls)', nowMs, signal)
    const names = found.map(({ labels }) => labelValue(labels, 'cls'))
    const first = looks++ % Math.max(1, names.length)
    return [...names.slice(first), ...names.slice(0, first)]
  }
  const read = (
    cluster: string,
    queries: string,
    span: { readonly startMs: number; readonly endMs: number },
    signal: AbortSignal,
  ): Promise<readonly CountedQuery[]> =>
    readCounters(
      store,
      {
        filter: { cluster },
        queries,
        names: behaviourCounters,
        steps: stepsOf(span, leastStepMs),
      },
      signal,
    )

  const judge = (place: Place, now: Behaviour, nowMs: number, suspicions: Map<string, number>): void => {
    const known = watched.find(place)
    if (known?.reference === undefined) return
    const { reference, regression } = known
    const growth = judgeBehaviour(reference, now)
    const isNews =
      regression === undefined
        ? growth !== undefined
        : isAsBefore(regression, reference, now) || nowMs - regression.sinceMs > times.referenceMs
    if (!isNews) return
    const inARow = (suspected.get(placeKey(place)) ?? 0) + 1
    if (inARow < looksInARow) {
      suspicions.set(placeKey(place), inARow)
      return
    }
    if (growth === undefined || regression !== undefined) {
      watched.setRegression(place, undefined)
      return
    }
    const found: QueryRegression = { ...growth, server: place.server, sinceMs: nowMs }
    const isTold = watched.regressions().some((other) => keyOf(other) === keyOf(place))
    watched.setRegression(place, found)
    if (!isTold) add(regressionEvent(place, found, now, times.windowMs, texts.textOf(place)))
  }

  const refresh = async (cluster: string, due: readonly Place[], nowMs: number, signal: AbortSignal) => {
    const endMs = nowMs - times.windowMs
    const queries = oneOf(due.map(({ query }) => query))
    const counted = await read(cluster, queries, { startMs: endMs - times.referenceMs, endMs }, signal)
    const found = new Map(counted.map((one) => [placeKey(one), behaviourOf(one)]))
    for (const place of due) {
      const reference = found.get(placeKey(place))
      const isEnough =
        reference !== undefined &&
        reference.calls >= fewestReferenceCalls &&
        reference.busyWindows >= fewestBusyWindows
      watched.setReference(place, isEnough ? reference : undefined, nowMs)
    }
  }
  /** What was made of a week holds for a day; where there was too little, an hour. */
  const isDue = (place: Place, nowMs: number): boolean => {
    const known = watched.find(place)
    if (known === undefined) return true
    if (known.regression !== undefined) return false
    const day = Math.min(dayMs, times.referenceMs)
    return nowMs - known.atMs >= (known.reference === undefined ? day / 24 : day)
  }

  /** Nobody needs to hear for ever of a statement that is not executed any more. */
  const endIdle = (nowMs: number): void => {
    const worse = new Map(watched.regressions().map((place) => [placeKey(place), place]))
    for (const key of judgedAt.keys()) if (!worse.has(key)) judgedAt.delete(key)
    for (const [key, place] of worse) {
      const atMs = judgedAt.get(key) ?? nowMs
      judgedAt.set(key, atMs)
      if (nowMs - atMs >= Math.min(dayMs, times.referenceMs)) watched.setRegression(place, undefined)
    }
  }

  const look = async (signal: AbortSignal): Promise<void> => {
    const nowMs = clock.now()
    const suspicions = new Map<string, number>()
    let places = referencesPerLook
    for (const cluster of await clusters(nowMs, signal)) {
      const span = { startMs: nowMs - times.windowMs, endMs: nowMs }
      const counted = await read(cluster, `,query!="${otherStatements}"`, span, signal)
      texts.executed(counted.filter((one) => callsOf(one) > 0))
      const judged = counted.filter((one) => callsOf(one) >= fewestCalls)
      const due = judged.filter((place) => isDue(place, nowMs)).slice(0, places)
      places -= due.length
      if (due.length > 0) await refresh(cluster, due, nowMs, signal)
      for (const one of judged) {
        const now = behaviourOf(one)
        if (now !== undefined) judge(one, now, nowMs, suspicions)
        judgedAt.set(placeKey(one), nowMs)
      }
    }
    suspected = suspicions
    endIdle(nowMs)
    watched.forget(nowMs - 2 * times.referenceMs)
  }

  const report = (error: unknown, signal: AbortSignal): void => {
    if (!isFailing && !signal.aborted) {
      log.warn({ error: messageOf(error) }, 'queries: whether any has become slower could not be judged')
    }
    isFailing = true
  }
  return {
    look,
    async run(signal) {
      for (;;) {
        await clock.sleep(times.everyMs, signal)
        if (signal.aborted) return
        try {
          await look(signal)
          isFailing = false
        } catch (error) {
          report(error, signal)
        }
      }
    },
  }
}

const placeKey = (place: Place): string => `${keyOf(place)}\u0000${place.server}`

const callsOf = (counted: CountedQuery): number => totalOf([counted], 'calls')
