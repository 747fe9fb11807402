import { execFile } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const exec = promisify(execFile)
const directory = mkdtempSync(join(tmpdir(), 'pgherd-packages-'))
const root = join(directory, 'root')
const releases = ['0.0.1', '0.0.2'].map((version) => ({ version, folder: join(directory, version) }))

beforeAll(async () => {
  // Beside each other: one waits for the mirror, the other for the processor.
  const system = exec('debootstrap', ['--variant=minbase', '--include=systemd,procps', 'bookworm', root])
  for (const { version, folder } of releases) {
    mkdirSync(folder)
    const args = ['--version', version, '--output', folder, '--only', 'deb', '--level', '1']
    await exec(process.execPath, ['setup/packages/main.ts', ...args])
  }
  await system
}, 600_000)

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('each package is under 60 MB and lintian finds no error in it', async () => {
  const files = globSync(join(directory, '0.0.1/*.deb'))
  expect(files).toHaveLength(2)
  for (const file of files) {
    const megabytes = statSync(file).size / 1e6
    console.log(`${basename(file)}: ${megabytes.toFixed(1)} MB, packed for speed`)
    expect(megabytes).toBeLessThan(60)
    const { stdout } = await exec('lintian', ['--allow-root', '--fail-on', 'error', file])
    expect(stdout.split('\n').filter((line) => line.startsWith('E:'))).toEqual([])
  }
})

test('both are installed, upgraded, removed and purged in an empty Debian, without residue', async () => {
  const [first, second] = releases.map(({ folder }) => folder)
  const script = join(import.meta.dirname, 'life-cycle.sh')
  const { stdout } = await exec('unshare', ['--mount', 'sh', script, root, first!, second!])
  const kept = '# of agent;# of collector;agent;collector;'
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    'installed 0.0.1 0.0.1 0.0.1',
    'users pgherd-agent pgherd-collector',
    'state pgherd-agent:750 pgherd-collector:750',
    `upgraded 0.0.2 ${kept}`,
    `removed  ${kept}`,
    'residue',
  ])
})
