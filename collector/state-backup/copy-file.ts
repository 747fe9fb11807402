import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'

const pieceBytes = 1 << 20

/**
 * Copies the first `bytes` of an open file into a new one, for its owner only, and syncs it.
 * @returns the SHA-256 in hex; undefined when the file was shorter
 * @throws Error of the file system
 */
export async function copyFile(from: FileHandle, bytes: number, to: string): Promise<string | undefined> {
  await using target = await open(to, 'wx', 0o600)
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(1, bytes)))
  for (let at = 0; at < bytes;) {
    const { bytesRead } = await from.read(piece, 0, Math.min(piece.length, bytes - at), at)
    if (bytesRead === 0) return undefined
    const got = piece.subarray(0, bytesRead)
    hash.update(got)
    await target.writeFile(got)
    at += bytesRead
  }
  await target.sync()
  return hash.digest('hex')
}

/** SHA-256 of a file in hex, and its length. @throws Error of the file system */
export async function hashFile(path: string): Promise<{ readonly sha256: string; readonly bytes: number }> {
  await using file = await open(path, 'r')
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafeSlow(pieceBytes)
  for (let bytes = 0; ;) {
    const { bytesRead } = await file.read(piece, 0, piece.length, bytes)
    if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes }
    hash.update(piece.subarray(0, bytesRead))
    bytes += bytesRead
  }
}
