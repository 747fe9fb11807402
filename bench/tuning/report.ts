import type { PgbenchFigures } from './run-pgbench.ts'

export interface Round extends PgbenchFigures {
  readonly workload: string
  readonly configuration: string
  readonly round: number
}

export function printRound({ workload, configuration, round, perSecond, p95Ms, transactions }: Round): void {
  console.log(
    `${workload}, round ${round + 1}, ${configuration}: ${perSecond.toFixed(2)}/s, p95 ${p95Ms.toFixed(1)} ms (${transactions})`,
  )
}

export function printSummary(rounds: readonly Round[]): void {
  console.log('\n| workload | configuration | per second, median (rounds) | p95 ms, median (rounds) |')
  console.log('| --- | --- | --- | --- |')
  for (const group of Map.groupBy(
    rounds,
    ({ workload, configuration }) => `${workload}\n${configuration}`,
  ).values()) {
    const { workload, configuration } = group[0]!
    const cell = (pick: (round: Round) => number, digits: number): string => {
      const values = group.map(pick)
      return `${median(values).toFixed(digits)} (${values.map((value) => value.toFixed(digits)).join(', ')})`
    }
    console.log(
      `| ${workload} | ${configuration} | ${cell((one) => one.perSecond, 2)} | ${cell((one) => one.p95Ms, 1)} |`,
    )
  }
  console.log('')
}

export interface Verdict {
  readonly text: string
  readonly holds: boolean
}

/** pgherd is not below PGTune, and above the defaults, in throughput and in p95; medians, as they are. */
export function verdictsOf(rounds: readonly Round[]): readonly Verdict[] {
  return [...new Set(rounds.map(({ workload }) => workload))].flatMap((workload) => {
    const of = (configuration: string, pick: (round: Round) => number): number =>
      median(
        rounds.filter((one) => one.workload === workload && one.configuration === configuration).map(pick),
      )
    return ['PGTune', 'defaults'].flatMap((other) =>
      (
        [
          ['throughput', of('pgherd', (one) => one.perSecond) / of(other, (one) => one.perSecond)],
          ['p95', of(other, (one) => one.p95Ms) / of('pgherd', (one) => one.p95Ms)],
        ] as const
      ).map(([what, ratio]) => {
        const holds = other === 'defaults' ? ratio > 1 : ratio >= 1
        return {
          holds,
          text: `${holds ? 'pass' : 'FAIL'}  ${workload}: ${what} against ${other} ${ratio.toFixed(3)} times as good`,
        }
      }),
    )
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
