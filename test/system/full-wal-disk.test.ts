import { spawnSync } from 'node:child_process'
import { chownSync, cpSync, lchownSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unprivilegedOwner } from '../../testbed/unprivileged.ts'
import { waitFor } from '../../testbed/wait.ts'
import { startHerd } from './herd.ts'

interface Disk extends Disposable {
  readonly path: string
  resize(size: string): void
}

/** A file system of its own, in memory. */
function mountDisk(size: string): Disk {
  const path = mkdtempSync(join(tmpdir(), 'pgherd-disk-'))
  const mount = (...args: readonly string[]): void => {
    const { status, stderr } = spawnSync('mount', [...args, path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`mount ${args.join(' ')} ${path}: ${stderr}`)
  }
  mount('-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs')
  return {
    path,
    resize: (larger) => mount('-o', `remount,size=${larger}`),
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', path])
      rmSync(path, { recursive: true, force: true })
    },
  }
}

const canMount = process.getuid?.() === 0

test.skipIf(!canMount)(
  'a disk of WAL that is full takes the server down, and the agent sees it come back by itself',
  async () => {
    await using herd = await startHerd({
      postgres: { wal_keep_size: '0', max_wal_size: '64MB', min_wal_size: '32MB' },
    })
    const { postgres } = herd
    const valueOf = async (expression: string): Promise<number | undefined> =>
      (await herd.instant(expression))[0]?.value
    await waitFor('the server is up', async () => (await valueOf('pg_up')) === 1)

    await postgres.stop()
    const wal = join(postgres.dataDirectory, 'pg_wal')
    using small = mountDisk('96m')
    const disk = small.path
    cpSync(wal, join(disk, 'pg_wal'), { recursive: true })
    rmSync(wal, { recursive: true })
    symlinkSync(join(disk, 'pg_wal'), wal)
    own(join(disk, 'pg_wal'))
    const owner = unprivilegedOwner()
    if (owner !== undefined) lchownSync(wal, owner.uid, owner.gid)
    await postgres.start()
    await waitFor('the server is up again', async () => (await valueOf('pg_up')) === 1)

    // A slot that nobody reads keeps everything, so that the disk fills up.
    await postgres.query(`select pg_create_physical_replication_slot('forgotten', true)`)
    await postgres
      .query(`create table big as select repeat('x', 1000) as text from generate_series(1, 200000)`)
      .catch((error: unknown) => error)
    await waitFor('the server is down in the store', async () => (await valueOf('pg_up')) === 0, {
      timeoutMs: 30_000,
    })
    expect(await valueOf('up{job="node"}')).toBe(1)

    // It tries to recover on the same disk first, and start() does nothing while it does.
    await waitFor('the server to have ended', () => !postgres.isRunning(), { timeoutMs: 30_000 })
    small.resize('600m')
    await postgres.start()
    await waitFor('the server is up after the disk has grown', async () => (await valueOf('pg_up')) === 1, {
      timeoutMs: 30_000,
    })
    await waitFor(
      'the slot that holds the WAL is measured',
      async () => Number(await valueOf('pg_slot_retained_bytes{slot_name="forgotten"}')) > 2 ** 20,
    )
    expect(await valueOf('up{job="node"}')).toBe(1)
  },
)

/** cpSync keeps modes, not owners. */
function own(path: string): void {
  const owner = unprivilegedOwner()
  if (owner === undefined) return
  chownSync(path, owner.uid, owner.gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    chownSync(join(entry.parentPath, entry.name), owner.uid, owner.gid)
  }
}
