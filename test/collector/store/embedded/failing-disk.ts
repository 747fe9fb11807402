import { nodeDisk } from '../../../../collector/store/embedded/disk.ts'
import type { Disk, DiskFile } from '../../../../collector/store/embedded/disk.ts'

/** `open` is opening a file to write it. */
export type Operation =
  | 'open'
  | 'openToRead'
  | 'read'
  | 'write'
  | 'sync'
  | 'datasync'
  | 'truncate'
  | 'rename'
  | 'link'
  | 'list'
  | 'makeDirectory'
  | 'syncDirectory'

export interface FailingDisk extends Disk {
  /** Operations that fail from now on, on files whose path matches. */
  readonly failing: Set<Operation>
  path: RegExp
  code: string
  readonly calls: Operation[]
}

/** The real disk, of which a test lets some operations fail; a failing write leaves half of it behind. */
export function createFailingDisk(code = 'ENOSPC'): FailingDisk {
  const step = (operation: Operation, path: string): void => {
    disk.calls.push(operation)
    if (fails(operation, path)) throw Object.assign(new Error(`${disk.code}: ${path}`), { code: disk.code })
  }
  const fails = (operation: Operation, path: string): boolean =>
    disk.failing.has(operation) && disk.path.test(path)
  const wrap = (file: DiskFile, path: string): DiskFile => ({
    async read(bytes, offset, length, position) {
      step('read', path)
      return await file.read(bytes, offset, length, position)
    },
    async write(bytes, offset, length, position) {
      if (fails('write', path)) await file.write(bytes, offset, Math.ceil(length / 2), position)
      step('write', path)
      return await file.write(bytes, offset, length, position)
    },
    async sync() {
      step('sync', path)
      await file.sync()
    },
    async datasync() {
      step('datasync', path)
      await file.datasync()
    },
    async truncate(length) {
      step('truncate', path)
      await file.truncate(length)
    },
    stat: () => file.stat(),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  })
  const disk: FailingDisk = {
    failing: new Set(),
    path: /./,
    code,
    calls: [],
    async open(path, flags) {
      step(flags === 'r' ? 'openToRead' : 'open', path)
      return wrap(await nodeDisk.open(path, flags), path)
    },
    async rename(from, to) {
      step('rename', from)
      await nodeDisk.rename(from, to)
    },
    async link(from, to) {
      step('link', from)
      await nodeDisk.link(from, to)
    },
    remove: (path) => nodeDisk.remove(path),
    async makeDirectory(path) {
      step('makeDirectory', path)
      await nodeDisk.makeDirectory(path)
    },
    async list(folder) {
      step('list', folder)
      return await nodeDisk.list(folder)
    },
    async syncDirectory(folder) {
      step('syncDirectory', folder)
      await nodeDisk.syncDirectory(folder)
    },
  }
  return disk
}
