import { PgherdError } from '../../../common/errors.ts'
import type { ActionContext } from '../action.ts'
import type { PatroniClient } from './client.ts'
import { expectAnswer } from './expect-answer.ts'
import { askMember } from './situation.ts'
import type { Situation } from './situation.ts'

/** Patroni's own switch: a key of its dynamic configuration, which each member reads in its next cycle. */
export async function setPause(
  context: ActionContext,
  patroni: PatroniClient,
  isPaused: boolean,
): Promise<void> {
  const body = { pause: isPaused ? true : null }
  expectAnswer(
    await patroni.change('PATCH', '/config', body, { timeoutMs: 15_000, signal: context.signal }),
    [200],
  )
}

/** Until every member that answers says so. @throws PgherdError COMMAND_FAILED with those that do not */
export async function expectPause(
  context: ActionContext,
  patroni: PatroniClient,
  { members, settings }: Situation,
  isPaused: boolean,
): Promise<readonly string[]> {
  const { clock, signal } = context
  const word = isPaused ? 'paused' : 'not paused'
  const untilMs = clock.monotonic() + 2_000 * settings.loopWaitSeconds + 3_000
  for (;;) {
    const said = await Promise.all(
      members.map(async (member) => ({
        name: member.name,
        pause: (await askMember(patroni, member))?.pause,
      })),
    )
    const behind = said.filter(({ pause }) => pause !== undefined && pause !== isPaused)
    if (behind.length === 0) {
      return said.map(({ name, pause }) =>
        pause === undefined ? `${name} does not answer` : `${name} is ${word}`,
      )
    }
    const names = behind.map(({ name }) => name).join(', ')
    context.progress(null, `waits for ${names}`)
    signal.throwIfAborted()
    if (clock.monotonic() >= untilMs)
      throw new PgherdError('COMMAND_FAILED', `${names} do not say that they are ${word}`)
    await clock.sleep(500, signal)
  }
}
