/** Oids from base64 of four bytes each, the highest first: what `encode(string_agg(oidsend(oid), ''), 'base64')` gives. */
export function readOids(packed: string): Uint32Array {
  const bytes = Buffer.from(packed, 'base64')
  const oids = new Uint32Array(bytes.length >> 2)
  bytes.subarray(0, oids.length << 2).swap32()
  oids.set(new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (oids.length << 2))))
  return oids
}

/** The opposite. */
export function packOids(oids: Uint32Array): string {
  return Buffer.from(oids.slice().buffer).swap32().toString('base64')
}
