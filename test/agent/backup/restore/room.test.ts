import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Space } from '../../../../agent/backup/drill/space.ts'
import { restoreInto } from '../../../../agent/backup/restore/restore-into.ts'
import { planRestoreInto } from '../../../../agent/backup/restore/restore-plan.ts'
import { systemClock } from '../../../../common/clock.ts'
import { failureOf } from '../drill/drill-bed.ts'
import { askedInto, engineWith } from './a-backup.ts'

const mebibyte = 2 ** 20
const gibibyte = 2 ** 30

/** The backup has 100 MiB, and a restore of it wants 64 MiB besides. */
const neededBytes = 164 * mebibyte

function place(): string {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-room-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const planIn = (parent: string, spaceOf: () => Promise<Space>, restore = () => Promise.resolve()) => {
  const engine = engineWith(restore)
  const { signal } = new AbortController()
  return planRestoreInto(askedInto(join(parent, 'restored')), { engine, history: [], signal, spaceOf })
}

describe('the room that a restore leaves on its filesystem', () => {
  test.each([
    ['1 % of a small one', 50 * gibibyte, 0.5 * gibibyte],
    ['1 GiB of a large one', 4096 * gibibyte, gibibyte],
  ])('is %s: it is planned where that stays free, and refused where not', async (_, totalBytes, keep) => {
    const parent = place()
    const spaceOf = (freeBytes: number) => () => Promise.resolve({ freeBytes, totalBytes })
    await expect(planIn(parent, spaceOf(neededBytes + keep))).resolves.toBeDefined()
    const failure = await failureOf(planIn(parent, spaceOf(neededBytes + keep - mebibyte)))
    expect(failure).toMatchObject({ problem: 'scratch-full' })
    expect(failure.message).toContain(`${(keep / mebibyte).toFixed(1)} MiB (1 %, at most 1024.0 MiB)`)
  })

  test('is watched while it runs: it is ended before the disk is full, and removed again', async () => {
    const parent = place()
    const totalBytes = 50 * gibibyte
    let freeBytes = 10 * gibibyte
    const spaceOf = () => Promise.resolve({ freeBytes, totalBytes })
    const plan = await planIn(parent, spaceOf)
    /** Another program takes the room meanwhile. */
    const engine = engineWith((_, { signal }) => {
      freeBytes = 0.4 * gibibyte
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('ended by a signal')))
      })
    })
    const failure = await failureOf(
      restoreInto(
        plan,
        { engine, live: {}, user: null, nice: 0, timeoutMs: 5_000, clock: systemClock, spaceOf },
        { signal: new AbortController().signal, note: () => Promise.resolve() },
      ),
    )
    expect(failure).toMatchObject({ problem: 'scratch-full' })
    expect(failure.message).toMatch(/^only 409\.6 MiB are left free .* 512\.0 MiB .* are to stay free/)
    expect(readdirSync(parent)).toEqual([])
  })
})
