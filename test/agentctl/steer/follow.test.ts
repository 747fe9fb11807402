import { expect, test } from 'vitest'
import { PgherdError } from '../../../common/errors.ts'
import type { CommandView } from '../../../common/command/command-view.ts'
import type { CollectorClient } from '../../../agentctl/client.ts'
import type { CliContext } from '../../../agentctl/context.ts'
import { follow } from '../../../agentctl/steer/follow.ts'
import { throwUnlessDone } from '../../../agentctl/steer/outcome.ts'
import { createManualClock } from '../../manual-clock.ts'

const viewOf = (state: CommandView['state']) => ({ id: 'one', state, mode: 'run', version: 1 }) as CommandView

/** A collector that answers each question with what the test says, in order. */
function asking(...answers: readonly (PgherdError | readonly CommandView[])[]) {
  const clock = createManualClock()
  const told: string[] = []
  let asked = 0
  const client = {
    call: () => {
      const answer = answers[asked++] ?? []
      return answer instanceof PgherdError ? Promise.reject(answer) : Promise.resolve({ data: answer })
    },
  } as unknown as CollectorClient
  const context = {
    clock,
    signal: new AbortController().signal,
    status: (text: string) => told.push(text),
  } as unknown as CliContext
  const followed = follow(context, client, ['one'], { untilMs: 60_000, onChange: () => undefined })
  return { clock, told, followed, asked: () => asked }
}

test('what was sent is waited for while the collector restarts', async () => {
  const away = new PgherdError('UNREACHABLE', 'cannot reach it')
  const { clock, told, followed } = asking(away, away, [viewOf('done')])
  await clock.advance(2_000)
  expect(await followed).toMatchObject([{ state: 'done' }])
  expect(told[0]).toContain('one goes on, and is waited for')
})

test('a collector that refuses is not asked again', async () => {
  const { followed, asked } = asking(new PgherdError('UNAUTHENTICATED', 'the token has expired'))
  await expect(followed).rejects.toThrow('the token has expired')
  expect(asked()).toBe(1)
})

test.each([
  ['unknown', 'may have been carried out; nobody knows'],
  ['timed_out', 'did not end in time; it may have been carried out in part'],
  ['cancelled', 'was cancelled; it may have been carried out in part'],
  ['failed', 'has failed'],
  ['refused', 'was not carried out'],
] as const)('a command that ended as %s %s', (state, text) => {
  expect(() => throwUnlessDone([viewOf(state)], 1)).toThrow(`the command ${text}`)
})

test('a plan that did not end in time has done nothing', () => {
  expect(() => throwUnlessDone([{ ...viewOf('timed_out'), mode: 'plan' }], 1)).toThrow(
    'the command did not end in time; nothing was done, since it was only planned',
  )
})
