import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openFleet } from '../../../collector/fleet/fleet.ts'
import type { ActionDescription } from '../../../common/command/action-description.ts'
import { systemClock } from '../../../common/clock.ts'
import { startControl, temporaryDirectory } from './start-control.ts'
import type { TestControl } from './start-control.ts'

const action = (kind: string): ActionDescription => ({
  kind,
  what: 'does something',
  risk: 'read',
  target: 'node',
  args: { type: 'object' },
  deadlineMs: 1_000,
  examples: [],
})

async function told(started: TestControl, node: string, kinds: readonly string[]): Promise<void> {
  started.connect(node).say({ type: 'actions', actions: kinds.map(action) })
  await vi.waitUntil(
    () =>
      started.control
        .actionsOf(node)
        ?.map(({ kind }) => kind)
        .join() === kinds.join(),
    { interval: 2 },
  )
}

const kindsOf = ({ control }: TestControl, node: string) => control.actionsOf(node)?.map(({ kind }) => kind)

test('what agents can do is known after a restart, and in memory once for all that say the same', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  await told(first, 'pg-main-1', ['ping', 'facts'])
  await told(first, 'pg-main-2', ['ping', 'facts'])
  await told(first, 'pg-main-3', ['ping'])
  await first[Symbol.asyncDispose]()

  const second = await startControl(directory)
  expect(kindsOf(second, 'pg-main-1')).toEqual(['ping', 'facts'])
  expect(second.control.actionsOf('pg-main-2')).toBe(second.control.actionsOf('pg-main-1'))
  expect(kindsOf(second, 'pg-main-3')).toEqual(['ping'])
  expect(second.control.actionsOf('pg-main-4')).toBeUndefined()
})

test('what an agent tells replaces what it told before, which nobody has to keep', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  await told(first, 'pg-main-1', ['ping'])
  await told(first, 'pg-main-1', ['ping', 'facts'])
  expect(first.control.catalogues()).toBe(1)
  await first[Symbol.asyncDispose]()

  using fleet = openFleet({ path: join(directory, 'fleet.sqlite'), clock: systemClock })
  expect(fleet.database.prepare('SELECT count(*) AS n FROM action_catalogues').get()).toEqual({ n: 1 })
})

test('a catalogue that this release cannot read is as if it had not been told', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  await told(first, 'pg-main-1', ['ping'])
  await first[Symbol.asyncDispose]()
  using fleet = openFleet({ path: join(directory, 'fleet.sqlite'), clock: systemClock })
  fleet.database.exec(`UPDATE action_catalogues SET actions = '[{"kind": 7}]'`)

  const second = await startControl(directory)
  expect(second.control.actionsOf('pg-main-1')).toBeUndefined()
  await told(second, 'pg-main-1', ['facts'])
})

test('a catalogue whose row was damaged is whole again once its agent has told it', async () => {
  const directory = temporaryDirectory()
  const first = await startControl(directory)
  await told(first, 'pg-main-1', ['ping'])
  await first[Symbol.asyncDispose]()
  {
    using fleet = openFleet({ path: join(directory, 'fleet.sqlite'), clock: systemClock })
    fleet.database.exec(`UPDATE action_catalogues SET actions = substr(actions, 1, 9)`)
  }
  const second = await startControl(directory)
  expect(kindsOf(second, 'pg-main-1')).toBeUndefined()
  await told(second, 'pg-main-1', ['ping'])
  await second[Symbol.asyncDispose]()

  expect(kindsOf(await startControl(directory), 'pg-main-1')).toEqual(['ping'])
})
