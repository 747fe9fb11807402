import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { classes } from './conformance/classify.ts'
import { runTestFile } from './conformance/run-file.ts'

/*
 * With PROMQLTEST_DIR, as `npm run conformance` sets it, the files have to be there; `npm test` leaves them out where
 * they are not, and says so. Functions inside of durations count as stable, as durations do since Prometheus 3.14.
 */

/**
 * Cases of Prometheus' own test files that pass, by file: with delayed name removal as the reference has it, and
 * without, as the engine has it by default. What is missing are native histograms and start timestamps.
 */
const floors: Readonly<Record<string, readonly [delayed: number, immediate: number]>> = {
  'aggregators.test': [125, 125],
  'at_modifier.test': [78, 78],
  'collision.test': [2, 2],
  'duration_expression.test': [59, 59],
  'extended_vectors.test': [120, 120],
  'fill-modifier.test': [46, 46],
  'functions.test': [323, 323],
  'histograms.test': [93, 93],
  'info.test': [52, 52],
  'limit.test': [1, 1],
  'literals.test': [25, 25],
  'name_label_dropping.test': [30, 22],
  'native_histograms.test': [3, 3],
  'operators.test': [142, 142],
  'range_queries.test': [16, 16],
  'selectors.test': [31, 31],
  'staleness.test': [17, 17],
  'subquery.test': [32, 32],
  'trig_functions.test': [19, 19],
  'type_and_unit.test': [58, 54],
}

const asked = process.env['PROMQLTEST_DIR']
const directory = resolve(import.meta.dirname, '../../..', asked ?? '../shared/promqltest')
const missing = !existsSync(directory)
if (missing && asked === undefined) console.warn(`Prometheus' own test files are absent: ${directory}`)
if (missing && asked !== undefined) throw new Error(`PROMQLTEST_DIR: there is no ${directory}`)

describe.skipIf(missing)(`Prometheus' own cases (${missing ? 'absent: ' : ''}${directory})`, () => {
  const present = missing ? [] : readdirSync(directory).filter((name) => name.endsWith('.test'))
  test('the files are those that the floors were taken from', () => {
    expect(Object.keys(floors).filter((name) => !present.includes(name))).toEqual([])
  })

  const byClass = Object.fromEntries(classes.map((name) => [name, { passed: 0, total: 0 }]))
  const table: Record<string, Record<string, number>> = {}
  test.each(Object.entries(floors))(
    '%s passes as many cases as before',
    { timeout: 60_000 },
    async (name, [delayed, immediate]) => {
      const text = readFileSync(join(directory, name), 'utf8')
      const result = await runTestFile(text, true)
      const byDefault = await runTestFile(text, false)
      table[name] = {
        passed: result.passed,
        'passed by default': byDefault.passed,
        total: result.total,
        'not floats': result.notApplicable,
      }
      for (const name of classes) {
        byClass[name]!.passed += result.byClass[name].passed
        byClass[name]!.total += result.byClass[name].total
      }
      expect(result.passed, result.failures.join('\n')).toBeGreaterThanOrEqual(delayed)
      expect(byDefault.passed, byDefault.failures.join('\n')).toBeGreaterThanOrEqual(immediate)
    },
  )

  test('every case of stable PromQL over floats, of fill and of the experimental parts passes', () => {
    expect(byClass).toEqual({
      stable: { passed: 997, total: 997 },
      fill: { passed: 45, total: 45 },
      'experimental functions': { passed: 88, total: 88 },
      'anchored and smoothed': { passed: 90, total: 90 },
      info: { passed: 52, total: 52 },
    })
  })

  afterAll(() => {
    const columns = ['passed', 'passed by default', 'total', 'not floats']
    const sum = (column: string): number =>
      Object.values(table).reduce((total, row) => total + (row[column] ?? 0), 0)
    console.table(byClass)
    console.table({ ...table, 'all files': Object.fromEntries(columns.map((name) => [name, sum(name)])) })
  })
})
