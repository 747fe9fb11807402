import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openFleet } from '../../collector/fleet/fleet.ts'
import { runAdminToken } from '../../collector/trust-command.ts'
import { handClock, temporaryDirectory } from './fleet/trust-lab.ts'

function start() {
  const directory = temporaryDirectory()
  const clock = handClock()
  const printed: string[] = []
  const adminToken = async (): Promise<string> => {
    await runAdminToken({
      argv: ['--store-directory', directory],
      environment: {},
      clock,
      print: (line) => void printed.push(line),
    })
    return printed.at(-1) ?? ''
  }
  return { adminToken, open: () => openFleet({ path: join(directory, 'fleet.sqlite'), clock }) }
}

test('whoever may read the files gets an admin token, and the one before ends', async () => {
  const { adminToken, open } = start()
  const [first, second] = [await adminToken(), await adminToken()]
  using fleet = open()
  expect(fleet.tokens.check(first)).toEqual({ refused: 'revoked' })
  expect(fleet.tokens.check(second)).toMatchObject({ role: 'admin' })
})

test('a thief who has made a token with its name, and as many as there may be, does not keep the owner out', async () => {
  const { adminToken, open } = start()
  {
    using fleet = open()
    const taken = { name: 'recovered-admin', role: 'admin', lifetimeMs: null } as const
    const { token } = await fleet.tokens.create(taken, 'thief')
    const fill = fleet.database.prepare(
      `INSERT INTO tokens (id, name, role, hash, created_ms, created_by) VALUES (?, ?, 'admin', ?, 0, 'thief')`,
    )
    // Each for itself would be synced to the disk.
    fleet.database.exec('BEGIN')
    for (let i = 1; i < 1_000; i++) fill.run(`id${i}`, `name${i}`, new Uint8Array(32))
    fleet.database.exec('COMMIT')
    expect(fleet.tokens.check(token)).toMatchObject({ role: 'admin' })
  }
  const token = await adminToken()
  using fleet = open()
  expect(fleet.tokens.check(token)).toMatchObject({ role: 'admin' })
  const other = { name: 'other', role: 'viewer', lifetimeMs: null } as const
  await expect(fleet.tokens.create(other, 'thief')).rejects.toThrow('there are 1000 tokens already')
})
