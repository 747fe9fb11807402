import { amount, amountCount } from './amount.ts'
import { choose } from './choose.ts'
import { createCounters } from './counters.ts'
import type { Counters } from './counters.ts'
import type { RowKey } from './look.ts'
import { addToScores, createScores, scoresAt } from './scores.ts'
import type { Scores } from './scores.ts'

/** A statement of a database, whoever executes it, on its own or within others. */
export interface Fingerprint {
  readonly dbid: number
  readonly queryid: string
  /** What it did in the interval `touched`. */
  readonly amounts: Float64Array
  touched: number
  /** No call of that interval took longer; seconds. */
  longest: number
  readonly scores: Scores
  /** Which amounts it ever had, a bit each. */
  seen: number
  /** What is told of it, where it is chosen. */
  series: Counters | undefined
}

export interface Fingerprints {
  /** In this interval; made where it is not known. */
  of(key: RowKey, interval: number): Fingerprint
  /**
   * Ends an interval: chooses whose series are told, if it is time for it.
   * @returns those that did something in it
   */
  settle(interval: number): readonly Fingerprint[]
  /** In no particular order. */
  readonly chosen: ReadonlySet<Fingerprint>
  readonly size: number
}

/** Intervals between two choices, where all places are taken. */
const chooseEvery = 6
/** After so many without a call, one is forgotten that was not chosen. */
const forgetAfter = 360
/** Where there are more, they are forgotten sooner: some applications never send the same text twice. */
const mostKnown = 10_000

/**
 * @param limits of what is chosen
 * @param leave told of one that loses its place, with its series
 */
export function createFingerprints(
  limits: { readonly places: number; readonly series: number },
  leave: (fingerprint: Fingerprint, series: Counters) => void,
): Fingerprints {
  const known = new Map<string, Fingerprint>()
  let chosen: ReadonlySet<Fingerprint> = new Set()
  let touched: Fingerprint[] = []
  let isFull = false
  let newcomers = false

  const chooseAgain = (interval: number): void => {
    const candidates = [...known.values()].map((fingerprint) => ({
      fingerprint,
      isChosen: fingerprint.series !== undefined,
      scores: scoresAt(fingerprint.scores, interval),
      series: seriesOf(fingerprint),
    }))
    const best = choose(candidates, limits)
    chosen = new Set([...best].map(({ fingerprint }) => fingerprint))
    isFull = best.size < candidates.length
    for (const fingerprint of known.values()) {
      if (chosen.has(fingerprint)) fingerprint.series ??= createCounters(amountCount)
      else if (fingerprint.series !== undefined) {
        leave(fingerprint, fingerprint.series)
        fingerprint.series = undefined
      }
    }
  }

  const forget = (interval: number): void => {
    for (let after = forgetAfter; ; after = Math.floor(after / 4)) {
      for (const [key, { series, touched: at }] of known) {
        if (series === undefined && interval - at > after) known.delete(key)
      }
      if (known.size <= mostKnown || after === 0) return
    }
  }

  return {
    of({ dbid, queryid, fingerprint: key }, interval) {
      let found = known.get(key)
      if (found === undefined) {
        found = {
          ...{ dbid, queryid, touched: -1, longest: 0, seen: 0, series: undefined },
          amounts: new Float64Array(amountCount),
          scores: createScores(interval),
        }
        known.set(key, found)
        newcomers = true
      }
      if (found.touched !== interval) {
        found.touched = interval
        found.longest = 0
        found.amounts.fill(0)
        touched.push(found)
      }
      return found
    },
    settle(interval) {
      for (const fingerprint of touched) {
        const { amounts } = fingerprint
        addToScores(fingerprint.scores, amounts, interval)
        for (let i = 0; i < amountCount; i++) if (amounts[i]! > 0) fingerprint.seen |= 1 << i
      }
      if (interval % chooseEvery === 0 || (newcomers && !isFull)) {
        chooseAgain(interval)
        forget(interval)
        newcomers = false
      } else if (known.size > mostKnown) forget(interval)
      const did = touched
      touched = []
      return did
    },
    get chosen() {
      return chosen
    },
    get size() {
      return known.size
    },
  }
}

/** That of the longest call is one, too. */
function seriesOf({ seen }: Fingerprint): number {
  let count = 1
  for (let bits = seen | (1 << amount.calls); bits !== 0; bits &= bits - 1) count++
  return count
}
