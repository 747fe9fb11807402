import { basename, dirname } from 'node:path'
import type { Disk, DiskFile, OpenFlags } from '../../../../collector/store/embedded/disk.ts'

/**
 * A disk in memory that forgets at a power cut what a real one may forget: of a file the bytes that were not synced, in
 * whole or sector by sector; of a directory each name that was made, removed or renamed since it was synced, in any
 * combination. What was synced stays.
 */
export interface PowerDisk extends Disk {
  /** After so many more operations that change something all of them fail, as when the power is gone. */
  cutAfter(operations: number): void
  readonly isCut: boolean
  /** The probability with which an operation that needs room fails. */
  fullness: number
  /** The disk as the next start finds it. */
  survivor(): PowerDisk
}

/** A number below 1. */
export type Random = () => number

type Node = FileNode | FolderNode

interface FileNode {
  readonly kind: 'file'
  bytes: Buffer
  /** What is certainly on the disk. */
  synced: Buffer
  pending: Change[]
}

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly truncate: number }

interface FolderNode {
  readonly kind: 'folder'
  entries: Map<string, Node>
  synced: Map<string, Node>
  pending: ((names: Map<string, Node>) => void)[]
}

const sectorBytes = 512

export function createPowerDisk(random: Random, root = newFolder()): PowerDisk {
  let left = Infinity
  const live = (): void => {
    if (left <= 0) throw failure('EIO', 'the power is gone')
  }
  const step = (needsRoom = false): void => {
    live()
    left--
    live()
    if (needsRoom && random() < disk.fullness) throw failure('ENOSPC', 'no space left on device')
  }
  const folderAt = (path: string): FolderNode => {
    let node: Node | undefined = root
    for (const part of path.split('/')) {
      if (part === '') continue
      node = node.kind === 'folder' ? node.entries.get(part) : undefined
      if (node === undefined) throw failure('ENOENT', path)
    }
    if (node.kind !== 'folder') throw failure('ENOTDIR', path)
    return node
  }
  const change = (path: string, apply: (names: Map<string, Node>) => void): void => {
    const folder = folderAt(dirname(path))
    apply(folder.entries)
    folder.pending.push(apply)
  }
  const nodeAt = (path: string): Node => {
    const node = folderAt(dirname(path)).entries.get(basename(path))
    if (node === undefined) throw failure('ENOENT', path)
    return node
  }
  const fileAt = (path: string, flags: OpenFlags): FileNode => {
    if (flags === 'r' || flags === 'r+') {
      const node = nodeAt(path)
      if (node.kind !== 'file') throw failure('EISDIR', path)
      return node
    }
    step(true)
    const known = folderAt(dirname(path)).entries.get(basename(path))
    if (known !== undefined && flags === 'wx') throw failure('EEXIST', path)
    if (known?.kind === 'file') {
      known.bytes = Buffer.alloc(0)
      known.pending.push({ truncate: 0 })
      return known
    }
    const made = newFile(Buffer.alloc(0))
    change(path, (names) => void names.set(basename(path), made))
    return made
  }
  const handleOf = (file: FileNode): DiskFile => {
    const sync = (): Promise<void> => {
      step(true)
      file.synced = Buffer.from(file.bytes)
      file.pending = []
      return Promise.resolve()
    }
    return {
      read(bytes, offset, length, position) {
        live()
        const part = file.bytes.subarray(position, position + length)
        bytes.set(part, offset)
        return Promise.resolve({ bytesRead: part.length })
      },
      write(bytes, offset, length, position) {
        const part = Buffer.from(bytes.subarray(offset, offset + length))
        try {
          step(true)
        } catch (error) {
          apply(file, { at: position, bytes: part.subarray(0, Math.floor(length * random())) })
          throw error
        }
        apply(file, { at: position, bytes: part })
        return Promise.resolve({ bytesWritten: length })
      },
      stat: () => Promise.resolve({ size: file.bytes.length }),
      sync,
      datasync: sync,
      truncate(length) {
        step()
        apply(file, { truncate: length })
        return Promise.resolve()
      },
      close: () => Promise.resolve(),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
  const disk: PowerDisk = {
    fullness: 0,
    get isCut() {
      return left <= 0
    },
    cutAfter(operations) {
      left = operations
    },
    survivor: () => createPowerDisk(random, survivorOf(root, random) as FolderNode),
    // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
    open: async (path, flags) => {
      live()
      return handleOf(fileAt(path, flags))
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    rename: async (from, to) => {
      step()
      const node = nodeAt(from)
      change(to, (names) => {
        names.delete(basename(from))
        names.set(basename(to), node)
      })
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    link: async (from, to) => {
      step(true)
      const node = nodeAt(from)
      change(to, (names) => void names.set(basename(to), node))
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    remove: async (path) => {
      step()
      try {
        change(path, (names) => void names.delete(basename(path)))
      } catch (error) {
        if ((error as { code?: string }).code !== 'ENOENT') throw error
      }
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    makeDirectory: async (path) => {
      let at = ''
      for (const part of path.split('/').slice(1)) {
        const folder = folderAt(at)
        at += `/${part}`
        if (folder.entries.has(part)) continue
        step(true)
        const made = newFolder()
        change(at, (names) => void names.set(part, made))
      }
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    list: async (path) => {
      live()
      return [...folderAt(path).entries.keys()]
    },
    // eslint-disable-next-line @typescript-eslint/require-await
    syncDirectory: async (path) => {
      step(true)
      const folder = folderAt(path)
      folder.synced = new Map(folder.entries)
      folder.pending = []
    },
  }
  return disk
}

function newFolder(): FolderNode {
  return { kind: 'folder', entries: new Map(), synced: new Map(), pending: [] }
}

function newFile(bytes: Buffer): FileNode {
  return { kind: 'file', bytes, synced: bytes, pending: [] }
}

function apply(file: FileNode, change: Change): void {
  file.bytes = changed(file.bytes, change)
  file.pending.push(change)
}

function changed(bytes: Buffer, change: Change): Buffer {
  const length =
    'truncate' in change ? change.truncate : Math.max(bytes.length, change.at + change.bytes.length)
  const out = Buffer.alloc(length)
  bytes.copy(out)
  if (!('truncate' in change)) change.bytes.copy(out, change.at)
  return out
}

function survivorOf(node: Node, random: Random, known = new Map<Node, Node>()): Node {
  const already = known.get(node)
  if (already !== undefined) return already
  if (node.kind === 'file') {
    const file = newFile(survivingBytes(node, random))
    known.set(node, file)
    return file
  }
  const names = new Map(node.synced)
  const luck = random()
  for (const apply of node.pending) if (random() < luck) apply(names)
  const entries = new Map(Array.from(names, ([name, child]) => [name, survivorOf(child, random, known)]))
  return { kind: 'folder', entries, synced: new Map(entries), pending: [] }
}

/** Of each write that was not synced some sectors reach the disk: none, all, or any. */
function survivingBytes({ synced, pending }: FileNode, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(synced)
  const luck = [0, 1, random()][Math.floor(random() * 3)]!
  for (const change of pending) {
    if ('truncate' in change) {
      if (random() < luck) bytes = changed(bytes, change)
      continue
    }
    for (let done = 0; done < change.bytes.length;) {
      const at = change.at + done
      const length = Math.min(sectorBytes - (at % sectorBytes), change.bytes.length - done)
      if (random() < luck) bytes = changed(bytes, { at, bytes: change.bytes.subarray(done, done + length) })
      done += length
    }
  }
  return bytes
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}
