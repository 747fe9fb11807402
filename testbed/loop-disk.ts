import { chmodSync, chownSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { guardDirectory } from './guard.ts'
import { createOwnDirectory } from './own-directory.ts'
import { runCommand } from './run-command.ts'
import type { Owner } from './unprivileged.ts'

/** A file system of its own on a disk: what watches disks leaves those in memory out. */
export interface LoopDisk extends AsyncDisposable {
  readonly path: string
}

/**
 * An ext4 in a file, of which an ordinary user may take all.
 * @param owner of its root
 * @throws Error when this process may not mount
 */
export async function mountLoopDisk(bytes: number, owner?: Owner): Promise<LoopDisk> {
  await using stack = new AsyncDisposableStack()
  const base = stack.use(createOwnDirectory({ prefix: 'pgherd-loop-' }, owner)).path
  const image = join(base, 'image')
  writeFileSync(image, '')
  truncateSync(image, bytes)
  await must('mkfs.ext4', ['-q', '-m', '0', image])
  const path = join(base, 'disk')
  mkdirSync(path)
  stack.defer(guardDirectory(path))
  await must('mount', ['-o', 'loop', image, path])
  stack.defer(() => must('umount', ['-l', path]))
  chmodSync(path, 0o700)
  if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
  const kept = stack.move()
  return { path, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { status, startError, stderr } = await runCommand(command, args)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${startError ?? stderr.trim()}`)
}
