import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

const program = fileURLToPath(new URL('../../agentctl/main.ts', import.meta.url))

/** A collector whose answer is far larger than a pipe holds. */
let url: string
beforeAll(async () => {
  const result = Array.from({ length: 20_000 }, (_, i) => ({
    metric: { __name__: 'up', ins: `pg-main-${i}` },
    value: [1, '1'],
  }))
  const server = createServer((_request, response) =>
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return () => void server.close()
})

test.each([['a table', []] as const, ['JSON', ['-o', 'json']] as const])(
  'a reader that has seen enough of %s ends agentctl without an error',
  async (_name, flags) => {
    const child = spawn(process.execPath, [program, '--collector', url, 'query', ...flags, 'up'])
    const errors = text(child.stderr)
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await errors).toBe('')
  },
)

test('output that cannot be written is an error of one line', async () => {
  const full = openSync('/dev/full', 'w')
  onTestFinished(() => closeSync(full))
  const child = spawn(process.execPath, [program, '--collector', url, 'query', 'up'], {
    stdio: ['ignore', full, 'pipe'],
  })
  const errors = text(child.stderr!)
  expect(await once(child, 'exit')).toEqual([1, null])
  expect(await errors).toMatch(/^agentctl: the output could not be written: ENOSPC.*\n$/)
})
