import type { PgbenchFigures } from './run-pgbench.ts'

export interface Round extends PgbenchFigures {
  readonly workload: string
  readonly configuration: string
  readonly round: number
}

export function printRound(one: Round): void {
  const { workload, configuration, round, perSecond, p95Ms, transactions, seconds, tempBytes } = one
  const temp = tempBytes > 0 ? `, ${(tempBytes / 1e9).toFixed(1)} GB of temporary files` : ''
  console.log(
    `${workload}, round ${round + 1}, ${configuration}: ${perSecond.toFixed(2)}/s, p95 ${p95Ms.toFixed(1)} ms (${transactions} in ${seconds.toFixed(1)} s${temp})`,
  )
}

export function printSummary(rounds: readonly Round[]): void {
  console.log(
    '\n| load | configuration | per second, median (rounds) | p95 ms, median (rounds) | temporary files |',
  )
  console.log('| --- | --- | --- | --- | --- |')
  for (const group of Map.groupBy(
    rounds,
    ({ workload, configuration }) => `${workload}\n${configuration}`,
  ).values()) {
    const { workload, configuration } = group[0]!
    const cell = (pick: (round: Round) => number, digits: number): string => {
      const values = group.map(pick)
      return `${median(values).toFixed(digits)} (${values.map((value) => value.toFixed(digits)).join(', ')})`
    }
    const temp = `${(median(group.map(({ tempBytes }) => tempBytes)) / 1e9).toFixed(1)} GB`
    console.log(
      `| ${workload} | ${configuration} | ${cell((one) => one.perSecond, 2)} | ${cell((one) => one.p95Ms, 1)} | ${temp} |`,
    )
  }
  console.log('')
}

export interface Verdict {
  readonly text: string
  readonly holds: boolean
}

/**
 * pgherd is not below PGTune, and above the defaults, in throughput and in p95: by the median of what each round says, in which all
 * have done the same minutes apart.
 */
export function verdictsOf(rounds: readonly Round[]): readonly Verdict[] {
  return [...Map.groupBy(rounds, ({ workload }) => workload)].flatMap(([workload, all]) => {
    const pairs = (other: string, ratio: (own: Round, others: Round) => number): readonly number[] =>
      all.flatMap((own) => {
        if (own.configuration !== 'pgherd') return []
        const others = all.find((one) => one.configuration === other && one.round === own.round)
        return others === undefined ? [] : [ratio(own, others)]
      })
    return ['PGTune', 'defaults'].flatMap((other) =>
      (
        [
          ['throughput', pairs(other, (own, others) => own.perSecond / others.perSecond)],
          ['p95', pairs(other, (own, others) => others.p95Ms / own.p95Ms)],
        ] as const
      ).map(([what, ratios]) => {
        const ratio = median(ratios)
        const holds = other === 'defaults' ? ratio > 1 : ratio >= 1
        const each = ratios.map((one) => one.toFixed(3)).join(', ')
        return {
          holds,
          text: `${holds ? 'pass' : 'FAIL'}  ${workload}: ${what} ${ratio.toFixed(3)} times as good as with ${other} (rounds ${each})`,
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
