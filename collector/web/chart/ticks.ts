import type uPlot from 'uplot'
import { formatInUnit } from '../format/value-format.ts'
import type { ChartAxis } from './lines.ts'

/** 1, 2, 4, ... bytes: ticks of round binary sizes. */
export const binaryIncrements = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent)

/** Seconds that ticks of time may be apart. */
export const timeIncrements = [
  1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
  604_800, 2_419_200,
]

/** Ticks at round times of the reader's time zone, which may be off UTC by half an hour. */
export function timeSplits(_: uPlot, __: number, from: number, to: number, increment: number): number[] {
  const offset = new Date(from * 1000).getTimezoneOffset() * 60
  const splits: number[] = []
  for (let at = Math.ceil((from - offset) / increment) * increment + offset; at <= to; at += increment) {
    splits.push(at)
  }
  return splits
}

/** Ticks of a value axis as text, with as many decimals as it takes to tell them apart; null ones are left out. */
export function tickTexts(
  ticks: readonly (number | null)[],
  { unit, decimals }: Pick<ChartAxis, 'unit' | 'decimals'>,
): string[] {
  const written = (digits: number | null): string[] =>
    ticks.map((tick) => (tick === null ? '' : formatInUnit(tick, unit, digits, Date.now())))
  const count = ticks.filter((tick) => tick !== null).length
  for (const digits of [decimals, 1, 2, 3, 4, 5]) {
    const texts = written(digits)
    if (new Set(texts.filter((text) => text !== '')).size === count) return texts
  }
  return written(decimals)
}
