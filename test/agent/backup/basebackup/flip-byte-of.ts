import { closeSync, openSync, readSync, writeSync, fstatSync } from 'node:fs'

/** Turns over one bit of the first byte that is not zero behind the middle of a file: of padding there is no checksum. */
export function flipByteOf(path: string): void {
  const file = openSync(path, 'r+')
  try {
    const byte = Buffer.alloc(1)
    let at = Math.floor(fstatSync(file).size / 2)
    while (readSync(file, byte, 0, 1, at) === 1 && byte[0] === 0) at++
    byte[0]! ^= 1
    writeSync(file, byte, 0, 1, at)
  } finally {
    closeSync(file)
  }
}
