import { expect, test } from 'vitest'
import { argumentsFor } from '../../../../agent/backup/engine/restore.ts'
import type { ChosenBackup } from '../../../../agent/backup/engine/choose-backup.ts'

const chosen: ChosenBackup = {
  set: {
    label: '20261123-100000F',
    type: 'full',
    repository: 1,
    startedMs: 0,
    finishedMs: 0,
    sizeBytes: 1,
    storedBytes: 1,
    walStart: null,
    walStop: null,
    hasErrors: false,
    needs: [],
  },
  timeline: 1,
}

const targetOf = (value: string): string | undefined =>
  argumentsFor(
    { directory: '/restored', target: { kind: 'name', value }, isExclusive: false, action: 'promote' },
    chosen,
  ).find((one) => one.startsWith('--target='))

test('a quote or a backslash in the name of a restore point stays inside the quotes of its setting', () => {
  expect(targetOf('before the accident')).toBe('--target=before the accident')
  expect(targetOf("it's")).toBe("--target=it''s")
  expect(targetOf("\\' x")).toBe("--target=\\\\'' x")
})
