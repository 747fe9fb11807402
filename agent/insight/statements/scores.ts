import { amount } from './amount.ts'

/** Intervals after which what a statement did counts half, and in what it usually does. */
const halfLife = 12
const usualHalfLife = 360
const usual = 5
const fade = 0.5 ** (1 / halfLife)
const usualFade = 0.5 ** (1 / usualHalfLife)

/** What a statement did lately, fading. */
export interface Scores {
  /** Time, calls, io, wal, temp, and the time that is usual. */
  readonly faded: Float64Array
  /** The interval up to which it has faded. */
  at: number
}

export function createScores(interval: number): Scores {
  return { faded: new Float64Array(usual + 1), at: interval }
}

/** @param amounts of that interval */
export function addToScores(scores: Scores, amounts: Float64Array, interval: number): void {
  fadeTo(scores, interval)
  const { faded } = scores
  const time = amounts[amount.time]! + amounts[amount.nestedTime]!
  faded[0]! += time
  faded[1]! += amounts[amount.calls]! + amounts[amount.nestedCalls]!
  faded[2]! += amounts[amount.read]! + amounts[amount.written]!
  faded[3]! += amounts[amount.wal]!
  faded[4]! += amounts[amount.temp]!
  faded[usual]! += time
}

/** By time, calls, io, wal, temp and growth, which is the time of an interval beyond what is usual. */
export function scoresAt(scores: Scores, interval: number): Float64Array {
  fadeTo(scores, interval)
  const out = scores.faded.slice()
  out[usual] = Math.max(0, out[0]! * (1 - fade) - out[usual]! * (1 - usualFade))
  return out
}

function fadeTo(scores: Scores, interval: number): void {
  const intervals = interval - scores.at
  if (intervals <= 0) return
  scores.at = interval
  const { faded } = scores
  const factor = fade ** intervals
  for (let i = 0; i < usual; i++) faded[i]! *= factor
  faded[usual]! *= usualFade ** intervals
}
