import {
  chownSync,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { guardDirectory } from './guard.ts'
import { createOwnDirectory } from './own-directory.ts'
import { runCommand } from './run-command.ts'
import type { Owner } from './unprivileged.ts'

/** A file system of its own, in memory. Disposing unmounts and removes it. */
export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Leaves so many bytes of room, none unless told; blocks that files have begun may still have some. */
  fill(left?: number): void
  /** Takes away what `fill` wrote. */
  empty(): void
  /** As mount(8) takes it: `64m`. */
  resize(size: string): Promise<void>
  /** The path is then an empty directory, until `mount`; the files are kept. */
  unmount(): Promise<void>
  mount(): Promise<void>
}

/** The large ones fill it before others have done with what they write; the small ones leave nothing. */
const blocks = [1 << 20, 4096]

/**
 * @param size as mount(8) takes it: `64m`
 * @throws Error when this process may not mount
 */
export async function mountSmallDisk(size: string, owner?: Owner): Promise<SmallDisk> {
  await using stack = new AsyncDisposableStack()
  const base = stack.use(createOwnDirectory({ prefix: 'pgherd-disk-' }, owner)).path
  const own = (path: string): string => {
    mkdirSync(path)
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid)
    stack.defer(guardDirectory(path))
    return path
  }
  // The files stay where they are while the path that others see is unmounted and mounted again.
  const store = own(join(base, 'store'))
  const path = own(join(base, 'disk'))
  const user = owner === undefined ? '' : `,uid=${owner.uid},gid=${owner.gid}`
  await must('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700${user}`, 'tmpfs', store])
  stack.defer(() => must('umount', ['-l', store]))
  let isMounted = false
  const disk: Omit<SmallDisk, typeof Symbol.asyncDispose> = {
    path,
    fill(left = 0) {
      const filler = join(store, 'filler')
      const file = openSync(filler, 'a')
      const { size } = fstatSync(file)
      let written = 0
      try {
        for (const block of blocks) written += writeUntilFull(file, Buffer.alloc(block))
      } finally {
        closeSync(file)
      }
      truncateSync(filler, Math.max(0, size + written - left))
    },
    empty: () => rmSync(join(store, 'filler'), { force: true }),
    resize: (to) => must('mount', ['-o', `remount,size=${to}`, store]),
    async mount() {
      if (isMounted) return
      await must('mount', ['--bind', store, path])
      isMounted = true
    },
    async unmount() {
      if (!isMounted) return
      await must('umount', ['-l', path])
      isMounted = false
    },
  }
  await disk.mount()
  stack.defer(() => disk.unmount())
  const kept = stack.move()
  return { ...disk, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** @returns how many bytes there was room for */
function writeUntilFull(file: number, room: Buffer): number {
  let written = 0
  try {
    for (;;) written += writeSync(file, room)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    return written
  }
}

async function must(command: string, args: readonly string[]): Promise<void> {
  const { status, startError, stderr } = await runCommand(command, args)
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${startError ?? stderr.trim()}`)
}
