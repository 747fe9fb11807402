import type { Added, Verdict } from './bars.ts'
import type { Measured } from './measure.ts'

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))

/** Of the statements of one run, those that took most. */
const shown = 12

export function printRun({ name, first, steady, series, memory, statements, problems }: Measured): void {
  const row = (of: Measured['first']): object => ({
    seconds: round(of.seconds),
    'server ms/s': round(of.serverMs / of.seconds, 2),
    'statements ms/s': round(of.statementsMs / of.seconds, 2),
    'agent ms/s': round(of.agentMs / of.seconds, 2),
  })
  const { afterFirst, mostSteady, peak } = memory
  const resident = `${round(afterFirst)} MiB resident once all was told, at most ${round(mostSteady)} after that and ${round(peak)} ever`
  console.log(`\n${name}: ${series} series, ${resident}`)
  console.table({ 'from the start': row(first), after: row(steady) })
  for (const { text, calls, totalMs, maxMs } of statements.slice(0, shown)) {
    const cost = `${round(totalMs)} ms in ${calls} calls, at most ${round(maxMs)} ms`
    console.log(`  ${cost.padEnd(48)} ${text.slice(0, 150)}`)
  }
  for (const problem of problems) console.log(`  said: ${problem}`)
}

export function printAdded(added: readonly Added[]): void {
  const rows = added.map((one) => [
    one.name,
    {
      'server %': round(one.serverPercent, 2),
      'once ms': round(one.serverOnceMs, 0),
      'server % of an hour': round(one.serverAverage, 2),
      'statements %': round(one.statementsPercent, 2),
      'agent %': round(one.agentPercent, 2),
      'agent once ms': round(one.agentOnceMs, 0),
      'agent % of an hour': round(one.agentAverage, 2),
      series: one.series,
      MiB: round(one.steadyMib),
      'slowest ms': round(one.slowestMs),
    },
  ])
  console.log('\nwhat is added to the agent without insight, in percent of one core')
  console.table(Object.fromEntries(rows))
}

export function printBars(verdicts: readonly Verdict[]): void {
  console.log()
  for (const { bar, measured, met } of verdicts) {
    console.log(`${met ? 'PASS' : 'FAIL'}  ${bar}: ${measured}`)
  }
}
