import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { differencesOf } from '../docs/tuning/differences.ts'
import { reasons } from '../docs/tuning/reasons.ts'
import { readReferenceMachines } from '../docs/tuning/reference-machines.ts'

test('the reference of metrics is what the catalogue gives', () => {
  const { status, stderr } = spawnSync(process.execPath, ['docs/write-metrics.ts', '--check'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('the tables of the manual of tuning are what the baseline gives', () => {
  const { status, stderr } = spawnSync(process.execPath, ['docs/write-tuning.ts', '--check'], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('each difference to other tools has its reason, and each reason its difference', () => {
  const different = new Set(differencesOf(readReferenceMachines()).map(({ parameter }) => parameter))
  expect(Object.keys(reasons).sort()).toEqual([...different].sort())
})
