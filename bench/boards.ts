/**
 * What each panel of the boards costs over 30 days: `npm run bench:boards [-- --assert] [-- --days 30]`. A store with every sample
 * that panels read of three servers, and what the rules record of them, is asked through a collector over HTTP for a panel of 1,200
 * pixels. With `--assert` it fails where a panel takes more than 200 ms. Figures are of this machine and this run.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startCollector } from '../testbed/pgherd.ts'
import { askPanel } from './boards/ask-panels.ts'
import type { PanelCost } from './boards/ask-panels.ts'
import { fillStore } from './boards/fill.ts'
import { metricsReadBy, questionsOverMonth } from './boards/questions.ts'

const barMs = 200
const shown = 25
const day = 86_400_000
const { values } = parseArgs({
  options: { assert: { type: 'boolean' }, days: { type: 'string', default: '30' } },
})
// Yesterday, for a collector takes nothing from the future.
const endMs = Math.floor(Date.now() / day) * day - day / 2
const startMs = endMs - Number(values.days) * day

const questions = questionsOverMonth()
const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-boards-'))
try {
  const store = join(directory, 'store', 'metrics')
  mkdirSync(store, { recursive: true })
  const begin = performance.now()
  const filled = await fillStore(store, startMs, endMs, new Set(questions.flatMap(metricsReadBy)))
  console.log(
    `${filled.series} series of three servers and ${filled.recordedSeries} recorded ones, ${(filled.samples / 1e6).toFixed(0)} million samples over ${values.days} days, filled in ${((performance.now() - begin) / 1000).toFixed(0)} s`,
  )
  await using collector = await startCollector({
    directory,
    extraConfig: { 'rules.files': [], 'store.retention': '90d' },
  })
  const costs: PanelCost[] = []
  for (const question of questions) costs.push(await askPanel(collector, question, startMs, endMs))
  const failed = report(costs)
  if (values.assert === true && failed > 0) process.exitCode = 1
} finally {
  rmSync(directory, { recursive: true, force: true })
}

/** @returns how many took too long */
function report(costs: readonly PanelCost[]): number {
  const slowest = costs.toSorted((a, b) => b.wallMs - a.wallMs)
  const over = slowest.filter(({ wallMs }) => wallMs > barMs)
  console.table(
    slowest.slice(0, Math.max(shown, over.length)).map(({ panel, wallMs, cpuMs, series }) => ({
      panel,
      'median ms': Math.round(wallMs),
      'CPU ms': Math.round(cpuMs),
      series,
    })),
  )
  const empty = costs.filter(({ series }) => series === 0).map(({ panel }) => panel)
  console.log(`panels that found nothing: ${empty.length === 0 ? 'none' : empty.join('; ')}`)
  console.log(`${over.length} of ${costs.length} panels took more than ${barMs} ms`)
  return over.length
}
