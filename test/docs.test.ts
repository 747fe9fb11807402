import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { differencesOf } from '../docs/tuning/differences.ts'
import { reasons } from '../docs/tuning/reasons.ts'
import { readReferenceMachines } from '../docs/tuning/reference-machines.ts'

test.each([
  ['the reference of metrics is what the catalogue of probes gives', 'docs/write-metrics.ts'],
  ['the reference of what pgherd tells of itself is what its source has', 'docs/write-own-metrics.ts'],
  ['the reference of the configuration is what both programs read', 'docs/write-configuration.ts'],
  ['the reference of errors is what their catalogue gives', 'docs/write-errors.ts'],
  ['the tables of the manual of tuning are what the baseline gives', 'docs/write-tuning.ts'],
])('%s', (_what, script) => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('each difference to other tools has its reason, and each reason its difference', () => {
  const different = new Set(differencesOf(readReferenceMachines()).map(({ parameter }) => parameter))
  expect(Object.keys(reasons).sort()).toEqual([...different].sort())
})
