import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { passwordPlace, readPassword } from '../../../../agent/setup/host/password-file.ts'

const config = '/etc/pgherd/agent.yaml'

test('systemd from 251 on hands a credential on that root alone reads', () => {
  expect(passwordPlace({ systemd: 252 }, config, true)).toEqual({
    file: '/etc/credstore/pgherd-agent.password',
    runtimeFile: '/run/credentials/pgherd-agent.service/pgherd-agent.password',
    isCredential: true,
  })
})

test.each([
  ['an older systemd', 249, true],
  ['no systemd', undefined, true],
  ['an agent that is not run by its unit', 252, false],
])('with %s it is beside the configuration', (_, systemd, isPackaged) => {
  const file = '/etc/pgherd/agent.password'
  expect(passwordPlace({ systemd }, config, isPackaged)).toEqual({
    file,
    runtimeFile: file,
    isCredential: false,
  })
})

test('a password is the first line, of characters that SCRAM takes as they are', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-password-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'password')
  expect(await readPassword(file)).toBeUndefined()
  writeFileSync(file, 'a-good-password\nand a remark\n')
  expect(await readPassword(file)).toBe('a-good-password')
  writeFileSync(file, 'zwölf Zeichen\n')
  await expect(readPassword(file)).rejects.toMatchObject({ code: 'USAGE' })
})
