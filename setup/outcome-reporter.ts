import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'
import { outcomeVariable } from './outcome.ts'
import type { Outcome } from './outcome.ts'

/** Counts what ran. A file that cannot be loaded has no tests to fail, so it counts as one failure itself. */
export function outcomeOf(modules: readonly TestModule[], unhandledErrors: number): Outcome {
  const skipped: { test: string; why: string }[] = []
  const retried: string[] = []
  let passed = 0
  let failed = unhandledErrors
  for (const module of modules) {
    failed += module.errors().length
    for (const test of module.children.allTests()) {
      const result = test.result()
      const name = `${module.relativeModuleId} > ${test.fullName}`
      if (result.state === 'passed') {
        passed++
        if (test.diagnostic()?.flaky === true) retried.push(name)
      } else if (result.state === 'skipped') {
        const why = result.note ?? 'it says so itself, or the command line did not select it'
        skipped.push({ test: name, why })
      } else failed++
    }
  }
  return { passed, failed, retried, skipped }
}

/** A Vitest reporter that leaves the outcome in a file, for the summary over all projects. */
export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env[outcomeVariable]
    if (file === undefined) throw new Error(`${outcomeVariable} is not set`)
    writeFileSync(file, JSON.stringify(outcomeOf(modules, unhandledErrors.length)))
  }
}
