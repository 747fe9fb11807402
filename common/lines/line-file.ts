import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Clock } from '../clock.ts'
import { PgherdError, messageOf } from '../errors.ts'
import { isDiskFull, syncDirectory, systemFiles } from '../spool/file-operations.ts'
import type { FileOperations } from '../spool/file-operations.ts'
import { scanLines } from './scan-lines.ts'

/** A file of lines that only grows. Whoever opens it holds the lock of its directory. */
export interface LineFile extends AsyncDisposable {
  /**
   * Writes lines and syncs them; then all of them are in the file, and after an error none. One call at a time.
   * @returns where in the file each begins
   * @throws PgherdError DISK_FULL or DIRECTORY_UNUSABLE
   */
  append(lines: readonly string[]): Promise<readonly number[]>
  /** @throws PgherdError DIRECTORY_UNUSABLE when the bytes cannot be read */
  read(offset: number, bytes: number): Promise<Buffer>
  readonly bytes: number
  /** What a crash had left behind the last whole line, and where it is kept now. */
  readonly torn: { readonly bytes: number; readonly keptAt: string | undefined } | undefined
}

export interface LineFileOptions {
  readonly path: string
  readonly maxLineBytes: number
  /** Whether a line found at the start is one; what lies behind the last that is was torn by a crash. */
  readonly onLine: (line: string, offset: number, bytes: number) => boolean
  readonly clock: Clock
  readonly files?: FileOperations
}

/**
 * Opens or creates the file, and reads it once from its beginning to its end. A torn tail is set aside beside the
 * file before it is cut off; on a full disk it is cut off without.
 * @throws PgherdError DIRECTORY_UNUSABLE
 */
export async function openLineFile(options: LineFileOptions): Promise<LineFile> {
  const { path } = options
  const files = options.files ?? systemFiles
  let file: FileHandle | undefined
  try {
    file = await open(path, 'a+', 0o600)
    // Appending is by position: it has to be able to write over what a failed attempt has left.
    await file.close()
    file = await open(path, 'r+')
    await syncDirectory(dirname(path))
    const { goodBytes, totalBytes } = await scanLines(file, options.maxLineBytes, options.onLine)
    const torn =
      totalBytes === goodBytes
        ? undefined
        : {
            bytes: totalBytes - goodBytes,
            keptAt: await setAside(file, goodBytes, totalBytes, `${path}.torn-${options.clock.now()}`),
          }
    if (torn !== undefined) await cut(file, goodBytes)
    return lineFile({ file, path, bytes: goodBytes, torn, files })
  } catch (error) {
    await file?.close()
    throw new PgherdError('DIRECTORY_UNUSABLE', `cannot open ${path}: ${messageOf(error)}`, { cause: error })
  }
}

function lineFile(opened: {
  file: FileHandle
  path: string
  bytes: number
  torn: LineFile['torn']
  files: FileOperations
}): LineFile {
  const { file, path, torn, files } = opened
  let { bytes } = opened
  /** A failed attempt has left something behind `bytes` that is still to be cut off. */
  let dirty = false
  return {
    torn,
    get bytes() {
      return bytes
    },
    async append(lines) {
      const encoded = Buffer.from(`${lines.join('\n')}\n`)
      try {
        if (dirty) await cut(file, bytes)
        dirty = true
        await files.write(file, encoded, bytes)
        await files.datasync(file)
        dirty = false
      } catch (error) {
        // Before the next process reads it, too.
        await cut(file, bytes).then(
          () => (dirty = false),
          () => undefined,
        )
        const code = isDiskFull(error) ? 'DISK_FULL' : 'DIRECTORY_UNUSABLE'
        throw new PgherdError(code, `cannot write to ${path}: ${messageOf(error)}`, { cause: error })
      }
      const offsets: number[] = []
      for (const line of lines) {
        offsets.push(bytes)
        bytes += Buffer.byteLength(line) + 1
      }
      return offsets
    },
    async read(offset, length) {
      const buffer = Buffer.alloc(length)
      let done = 0
      try {
        while (done < length) {
          const { bytesRead } = await file.read(buffer, done, length - done, offset + done)
          if (bytesRead === 0) break
          done += bytesRead
        }
      } catch (error) {
        throw new PgherdError('DIRECTORY_UNUSABLE', `cannot read ${path}: ${messageOf(error)}`, {
          cause: error,
        })
      }
      return buffer.subarray(0, done)
    },
    [Symbol.asyncDispose]: () => file.close(),
  }
}

async function cut(file: FileHandle, bytes: number): Promise<void> {
  await file.truncate(bytes)
  await file.sync()
}

/** @returns undefined when there is no room for a copy */
async function setAside(
  file: FileHandle,
  from: number,
  to: number,
  path: string,
): Promise<string | undefined> {
  const chunk = Buffer.alloc(64 * 1024)
  try {
    await using copy = await open(path, 'w', 0o600)
    for (let at = from; at < to;) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, to - at), at)
      if (bytesRead === 0) break
      await copy.writeFile(chunk.subarray(0, bytesRead))
      at += bytesRead
    }
    await copy.sync()
    return path
  } catch (error) {
    if (isDiskFull(error)) return undefined
    throw error
  }
}
