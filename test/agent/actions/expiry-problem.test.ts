import { expect, test } from 'vitest'
import { expiryProblem } from '../../../agent/actions/verify-command.ts'
import { payloadAt, startMs } from './host.ts'

const expiresMs = startMs + 600_000
const payload = payloadAt(startMs)

test('a command is good until it expires', () => {
  expect(expiryProblem(payload, expiresMs - 1)).toBeUndefined()
  expect(expiryProblem(payload, expiresMs)).toEqual({
    reason: 'expired',
    message:
      'the command expired at 2026-03-04T10:10:00.000Z; the clock of this host says 2026-03-04T10:10:00.000Z',
  })
})

test('where the clock was set back, the refusal does not say that it shows the later time', () => {
  expect(expiryProblem(payload, expiresMs + 60_000, startMs)?.message).toBe(
    'the command expired at 2026-03-04T10:10:00.000Z for this host, whose clock has said 2026-03-04T10:11:00.000Z before it was set back to 2026-03-04T10:00:00.000Z; --expires gives it more time',
  )
})
