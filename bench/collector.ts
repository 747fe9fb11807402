/**
 * The collector side by side with Debian's VictoriaMetrics and Prometheus, on the same data and in one run:
 * `npm run bench:collector [-- --quick] [-- --queries] [-- --million]`; `-- --help` tells the rest. Figures are of this machine and this run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printBars } from './agent-cost/report.ts'
import { measure } from './collector/measure.ts'
import type { Measured } from './collector/measure.ts'
import { runMillion } from './collector/million.ts'
import { readOptions } from './collector/options.ts'
import type { BenchOptions } from './collector/options.ts'
import { conditions, printMeasured, printQueries, queryConditions, verdicts } from './collector/report.ts'
import { missingServers } from './collector/servers.ts'
import { workloads } from './collector/workloads.ts'

const options = readOptions(process.argv.slice(2))
if (options !== undefined) {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-bench-collector-'))
  try {
    const met = options.million ? await runMillion(directory, options) : await compare(directory, options)
    if (options.assert && !met) process.exitCode = 1
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function compare(directory: string, given: BenchOptions): Promise<boolean> {
  const missing = missingServers()
  if (missing.length > 0) {
    console.error(`not installed, so there is nothing to compare with: ${missing.join(', ')}`)
    process.exitCode = 2
    return false
  }
  console.log(given.queries ? queryConditions : conditions)
  const all: Measured[] = []
  for (const [i, workload] of workloads(given.quick).entries()) {
    const measured = await measure(workload, join(directory, String(i)), given)
    if (given.queries) printQueries(measured)
    else printMeasured(measured)
    all.push(measured)
  }
  if (given.queries) return true
  const results = verdicts(all)
  printBars(results)
  return results.every(({ met }) => met)
}
