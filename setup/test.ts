import { summary, total } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { bringPrograms } from './programs.ts'
import { runVitest } from './run-vitest.ts'
import { help, parseTestArguments } from './test-arguments.ts'
import type { TestArguments } from './test-arguments.ts'

// `npm test`: brings what the suites need, runs them one after the other, and says what could not run.

if (process.argv.slice(2).some((argument) => argument === '--help' || argument === '-h')) {
  console.log(help)
  process.exit(0)
}

let given: TestArguments
try {
  given = parseTestArguments(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(2)
}

const missing = await bringPrograms({ servers: given.projects.some((project) => project !== 'unit') })

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort()
  })
}

// A file filter or --changed may leave a whole project without a test; that is what was asked for.
const selection = given.rest.length > 0 ? ['--passWithNoTests'] : []
const outcomes: Outcome[] = []
for (const project of given.projects) {
  if (interruption.signal.aborted) break
  outcomes.push(await runVitest(project, [...given.rest, ...selection]))
}

const all = total(outcomes)
for (const line of missing) console.log(`missing: ${line}`)
console.log(summary(all))
if (interruption.signal.aborted) process.exitCode = 130
else if (all.failed > 0) process.exitCode = 1
else if (all.passed === 0) {
  console.error('no test ran')
  process.exitCode = 1
}
