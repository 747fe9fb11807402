import { expect, test } from 'vitest'
import { tuneStatus } from '../../../../agent/actions/kinds/tune-status.ts'
import type { TuneControls } from '../../../../agent/actions/tune/controls.ts'
import { PgherdError } from '../../../../common/errors.ts'
import { contextOver } from '../action-context.ts'

const never = () => Promise.reject(new Error('not asked for here'))
const controls: TuneControls = {
  ...{ detect: never, advise: never, plan: never, apply: never, undo: never, rollBack: never },
  planRollback: never,
  changes: () => Promise.resolve([]),
}

test('the status of changes is told while the server is down, since that is when it is wanted most', async () => {
  const context = contextOver(() =>
    Promise.reject(new PgherdError('POSTGRES_UNAVAILABLE', 'cannot connect to PostgreSQL')),
  )
  const { message } = await tuneStatus(controls).run(context, { limit: 20 })
  expect(message).toBe('pg-test-1: 0 changes of settings, 0 of them not over.')
})
