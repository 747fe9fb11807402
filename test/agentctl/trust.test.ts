import { mkdtempDisposable, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseOperatorKey } from '../../common/command/operator-key.ts'
import { readPrivateKey } from '../../common/command/private-key.ts'
import { answering, runAgentctl } from './run-agentctl.ts'

const newHome = () => mkdtempDisposable(join(tmpdir(), 'pgherd-agentctl-'))

const token = {
  id: 'K3xQ_a-9',
  name: 'grafana',
  role: 'viewer',
  createdMs: 1_700_000_000_000,
  createdBy: 'init',
  expiresMs: 1_700_000_100_000 + 3_600_000,
  lastUsedMs: 1_700_000_040_000,
  revokedMs: null,
}

describe('agentctl tokens', () => {
  test('lists those that are valid', async () => {
    const { url } = await answering(200, {
      status: 'success',
      data: [token, { ...token, id: 'gone', revokedMs: 1 }, { ...token, id: 'old', expiresMs: 2 }],
    })
    expect((await runAgentctl(['tokens'], { url })).out).toMatchInlineSnapshot(`
      "ID        NAME     ROLE    STATE   EXPIRES  LAST USED  CREATED BY
      K3xQ_a-9  grafana  viewer  valid  in 1h00m  1m00s ago  init"
    `)
  })

  test('create prints the token alone, so that it can be piped, and says the rest to the standard error', async () => {
    const { url, asked } = await answering(200, {
      status: 'success',
      data: { ...token, token: 'pgh_x_y' },
    })
    const { out, warnings } = await runAgentctl(['tokens', 'create', 'grafana', 'viewer'], { url })
    expect(out).toBe('pgh_x_y')
    expect(warnings.join()).toContain('not shown again')
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      name: 'grafana',
      role: 'viewer',
      lifetime_ms: 90 * 86_400_000,
    })
  })

  test('a token without an end is asked for by name', async () => {
    const { url, asked } = await answering(200, { status: 'success', data: { ...token, token: 'x' } })
    await runAgentctl(['tokens', 'create', 'vmagent', 'writer', '--lifetime', 'never'], { url })
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ lifetime_ms: null })
  })

  test('another role is wrong usage, and the roles are named', async () => {
    const { error } = await runAgentctl(['tokens', 'create', 'x', 'root'], { url: 'http://127.0.0.1:1' })
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('viewer') as string })
  })
})

describe('agentctl revoke', () => {
  const revoked = { status: 'success', data: { node: 'pg-main-1', certificates: 1, joinTokens: 0 } }

  test('asks for the name of the node', async () => {
    const { url, asked } = await answering(200, revoked)
    const { error } = await runAgentctl(['revoke', 'pg-main-1'], { url, answers: ['pg-main-2'] })
    expect(error).toMatchObject({ code: 'REFUSED' })
    expect(asked).toEqual([])
    expect((await runAgentctl(['revoke', 'pg-main-1'], { url, answers: ['pg-main-1'] })).out).toBe(
      'pg-main-1 is out: 1 certificates and 0 open join tokens ended',
    )
  })

  test('does nothing where nobody can be asked, and names --yes', async () => {
    const { url, asked } = await answering(200, revoked)
    const { error } = await runAgentctl(['revoke', 'pg-main-1'], { url })
    expect(error).toMatchObject({ exit: 3, message: expect.stringContaining('--yes') as string })
    expect(asked).toEqual([])
  })
})

test('agentctl enroll prints one line to paste on the host, and the fingerprint to compare', async () => {
  const { url } = await answering(200, {
    status: 'success',
    data: {
      node: 'pg-main-1',
      token: 'pgherd-join-1.a.b.c',
      expiresMs: 1_700_003_600_000,
      fingerprint: 'AA:BB',
    },
  })
  const { out } = await runAgentctl(['enroll', 'pg-main-1'], { url })
  expect(out.split('\n').map((line) => line.trim())).toContain(
    `sudo pgherd-agent setup pg-main-1 --join 'https://<collector>:8432#pgherd-join-1.a.b.c'`,
  )
  expect(out).toContain('AA:BB')
})

describe('agentctl key', () => {
  test('generate makes an encrypted key that only its owner reads, and prints the public line', async () => {
    await using home = await newHome()
    const { out } = await runAgentctl(['key', 'generate', '--name', 'alice'], {
      home: home.path,
      answers: ['secret', 'secret'],
    })
    const path = join(home.path, 'pgherd', 'operator.key')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toContain('ENCRYPTED')
    const key = await readPrivateKey(path, 'alice', () => Promise.resolve('secret'))
    expect(parseOperatorKey(out)).toMatchObject({ name: 'alice', id: key.id })
  })

  test('a second one is refused', async () => {
    await using home = await newHome()
    const again = () =>
      runAgentctl(['key', 'generate', '--name', 'alice', '--no-passphrase'], { home: home.path })
    expect((await again()).error).toBeUndefined()
    expect((await again()).error).toMatchObject({ code: 'REFUSED' })
  })

  test('two passphrases that differ make none', async () => {
    await using home = await newHome()
    const { error } = await runAgentctl(['key', 'generate'], { home: home.path, answers: ['a', 'b'] })
    expect(error).toMatchObject({ exit: 2 })
    await expect(stat(join(home.path, 'pgherd'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('without one, the way to make it is told', async () => {
    await using home = await newHome()
    expect((await runAgentctl(['key'], { home: home.path })).error?.message).toContain(
      'agentctl key generate',
    )
  })
})

describe('the settings', () => {
  test('a token is sent, and is in no output', async () => {
    await using home = await newHome()
    const file = join(home.path, 'token')
    await writeFile(file, 'pgh_secret\n', { mode: 0o600 })
    const { url, asked } = await answering(200, { status: 'success', data: [] })
    await runAgentctl(['--token-file', file, 'nodes'], { url })
    expect(asked[0]?.authorization).toBe('Bearer pgh_secret')
    expect((await runAgentctl(['--token-file', file, 'config'], { url })).out).not.toContain('secret')
  })

  test('a token that others may read is refused before anything is sent, with what to do', async () => {
    await using home = await newHome()
    const file = join(home.path, 'token')
    await writeFile(file, 'pgh_secret\n', { mode: 0o644 })
    const { url, asked } = await answering(200, { status: 'success', data: [] })
    const { error } = await runAgentctl(['--token-file', file, 'nodes'], { url })
    expect(error).toMatchObject({ code: 'REFUSED', exit: 3 })
    expect(error?.message).toContain(`chmod 600 ${file}`)
    expect(asked).toEqual([])
  })

  test('a passphrase that others may read makes no key', async () => {
    await using home = await newHome()
    const file = join(home.path, 'passphrase')
    await writeFile(file, 'secret\n', { mode: 0o640 })
    const environment = { PGHERD_KEY_PASSPHRASE_FILE: file }
    const { error } = await runAgentctl(['key', 'generate', '--name', 'alice'], {
      home: home.path,
      environment,
    })
    expect(error).toMatchObject({ code: 'REFUSED' })
    expect(error?.message).toContain(`chmod 600 ${file}`)
  })

  test('a token is never sent in clear text over a network', async () => {
    const { error } = await runAgentctl(['nodes'], {
      url: 'http://collector.example:8432',
      environment: { PGHERD_TOKEN: 'x' },
    })
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('clear text') as string })
  })

  test('config set keeps a value, and a flag wins over it', async () => {
    await using home = await newHome()
    await runAgentctl(['config', 'set', 'collector', 'https://kept:1'], { home: home.path })
    expect((await runAgentctl(['config'], { home: home.path })).out).toContain('https://kept:1')
    const flagged = await runAgentctl(['--collector', 'https://flag:1', 'config'], { home: home.path })
    expect(flagged.out).toMatch(/collector +https:\/\/flag:1 +--collector/)
  })

  test('an unknown key in the file is named with what is allowed', async () => {
    await using home = await newHome()
    await runAgentctl(['config', 'set', 'collector', 'https://kept:1'], { home: home.path })
    await writeFile(join(home.path, 'pgherd', 'agentctl.yaml'), 'colector: x\n')
    const { error } = await runAgentctl(['nodes'], { home: home.path })
    expect(error).toMatchObject({ exit: 2, message: expect.stringContaining('colector') as string })
  })
})
