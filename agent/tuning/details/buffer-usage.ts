import type { Detail } from './detail.ts'

/** How often the pages in shared_buffers were used lately. */
export interface BufferUsage {
  /** With a usage count of at least 4, of all: 0 to 1. PostgreSQL counts up to 5. */
  readonly hotShare: number
}

const readMs = 5_000

/** Of pg_buffercache since 1.4 (16): it reads the headers of the buffers without a lock. */
export const bufferUsage: Detail<BufferUsage> = {
  name: 'bufferUsage',
  async read(session, { versionNumber, extensions, schemas }) {
    const [major = 0, minor = 0] = (extensions.get('pg_buffercache') ?? '0.0').split('.').map(Number)
    if (versionNumber < 160_000 || major * 100 + minor < 104) return undefined
    const schema = schemas.get('pg_buffercache')
    if (schema === undefined) return undefined
    const { rows } = await session.read(
      {
        text: `select sum(buffers) filter (where usage_count >= 4) / sum(buffers)
                 from ${schema}.pg_buffercache_usage_counts()`,
      },
      readMs,
    )
    return { hotShare: Number(rows[0]?.[0] ?? 0) }
  },
}
