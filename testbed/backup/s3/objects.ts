import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync, readdirSync, statSync } from 'node:fs'
import type { ReadStream, Stats } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface Received {
  readonly file: string
  readonly md5: string
  readonly sha256: string
}

/** Objects of one bucket as files, which is what tests damage. */
export interface Objects {
  /** @returns undefined when there is no such object */
  stat(key: string): Stats | undefined
  read(key: string, range: { start?: number; end?: number }): ReadStream
  /** Keys that begin with a prefix, in order. */
  keys(prefix: string): readonly string[]
  /** Takes a body in, to be kept or dropped when its digest is known. */
  receive(body: AsyncIterable<Buffer>): Promise<Received>
  /** Makes received bodies, one after the other, one object. */
  keep(key: string, parts: readonly string[]): Promise<void>
  remove(key: string): Promise<void>
}

export function openObjects(directory: string, uploads: string): Objects {
  /** @throws Error for a key that leads elsewhere */
  const fileOf = (key: string): string => {
    const file = normalize(join(directory, key))
    if (!file.startsWith(`${directory}/`)) throw new Error(`not a key: ${key}`)
    return file
  }
  return {
    stat(key) {
      const stats = statSync(fileOf(key), { throwIfNoEntry: false })
      return stats?.isFile() === true ? stats : undefined
    },
    read: (key, range) => createReadStream(fileOf(key), range),
    keys(prefix) {
      const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      if (!existsSync(join(directory, folder))) return []
      return readdirSync(join(directory, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
        .filter((key) => key.startsWith(prefix))
        .sort()
    },
    async receive(body) {
      const file = join(uploads, randomUUID())
      const md5 = createHash('md5')
      const sha256 = createHash('sha256')
      const digest = new Transform({
        transform(chunk: Buffer, _, done) {
          md5.update(chunk)
          sha256.update(chunk)
          done(null, chunk)
        },
      })
      try {
        await pipeline(body, digest, createWriteStream(file))
      } catch (error) {
        await rm(file, { force: true })
        throw error
      }
      return { file, md5: md5.digest('hex'), sha256: sha256.digest('hex') }
    },
    async keep(key, [first, ...others]) {
      const file = fileOf(key)
      await mkdir(dirname(file), { recursive: true })
      for (const other of others) {
        await pipeline(createReadStream(other), createWriteStream(first!, { flags: 'a' }))
        await rm(other)
      }
      await rename(first!, file)
    },
    remove: (key) => rm(fileOf(key), { force: true }),
  }
}
