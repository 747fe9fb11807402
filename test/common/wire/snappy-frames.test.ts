import { compress } from 'snappyjs'
import { expect, test } from 'vitest'
import { crc32c } from '../../../common/wire/crc32c.ts'
import { startsSnappyStream, uncompressSnappyStream } from '../../../common/wire/snappy-frames.ts'

const identifier = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59])

function chunk(type: number, content: Uint8Array): Buffer {
  const head = Buffer.from([type, content.length & 0xff, (content.length >> 8) & 0xff, content.length >> 16])
  return Buffer.concat([head, content])
}

function dataChunk(type: 0 | 1, text: string): Buffer {
  const data = Buffer.from(text)
  const checksum = Buffer.alloc(4)
  const crc = BigInt(crc32c(data))
  // framing_format.txt, section 3
  checksum.writeUInt32LE(
    Number(((((crc >> 15n) | (crc << 17n)) & 0xffff_ffffn) + 0xa282_ead8n) & 0xffff_ffffn),
  )
  return chunk(type, Buffer.concat([checksum, type === 0 ? compress(Uint8Array.from(data)) : data]))
}

async function read(bytes: Uint8Array, size = 7): Promise<string> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size))
  }
  let text = ''
  for await (const part of uncompressSnappyStream(pieces())) text += Buffer.from(part).toString()
  return text
}

test('CRC-32C of the check string is that of its definition', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283)
})

test.each([1, 7, 100_000])('chunks of every kind are read in pieces of %d bytes', async (size) => {
  const long = 'some text, '.repeat(5000)
  const stream = Buffer.concat([
    identifier,
    dataChunk(0, long),
    chunk(0xfe, Buffer.alloc(100)),
    chunk(0x80, Buffer.alloc(20_000)),
    identifier,
    dataChunk(1, 'as it is'),
  ])
  expect(startsSnappyStream(stream)).toBe(true)
  expect(await read(stream, size)).toBe(`${long}as it is`)
})

test.each([
  ['a wrong checksum', Buffer.concat([identifier, chunk(1, Buffer.from('0000text'))])],
  ['a chunk without one', Buffer.concat([identifier, chunk(1, Buffer.from('0'))])],
  ['a wrong identifier', chunk(0xff, Buffer.from('sNaPpX'))],
  ['an unknown chunk', Buffer.concat([identifier, chunk(2, Buffer.alloc(8))])],
  ['a chunk that is too long', Buffer.concat([identifier, chunk(1, Buffer.alloc(1 << 20))])],
  ['an end inside a chunk', Buffer.concat([identifier, dataChunk(1, 'text')]).subarray(0, -1)],
  [
    'an end inside what is skipped',
    Buffer.concat([identifier, chunk(0xfe, Buffer.alloc(9))]).subarray(0, -1),
  ],
])('%s is refused', async (_what, stream) => {
  await expect(read(stream)).rejects.toMatchObject({ code: 'BAD_DATA' })
})
