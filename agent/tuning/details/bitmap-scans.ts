import type { Detail } from './detail.ts'

/** A table that is read through bitmaps, and from the disk. */
export interface BitmapScans {
  readonly table: string
  /** Since its statistics began. */
  readonly rows: number
  readonly pagesRead: number
}

/**
 * Rows of a bitmap are counted for the table, those of a plain index scan for its index ("Viewing Statistics" in the manual,
 * pg_stat_all_indexes), so that what the table itself has fetched is what bitmaps gave.
 */
const text = `
select relname, fetched, pages
  from (select oid::regclass::text as relname, pg_stat_get_tuples_fetched(oid) as fetched,
               pg_stat_get_blocks_fetched(oid) - pg_stat_get_blocks_hit(oid) as pages
          from (select oid from pg_class where relkind in ('r', 'm') and relpersistence <> 't'
                 order by relpages desc limit 1000) as largest
         order by 3 desc
         limit 20) as read
 where fetched > 0 and pages > 0
 order by fetched desc`

/** Among the 20 tables of the database at hand of which most pages are read. */
export const bitmapScans: Detail<readonly BitmapScans[]> = {
  name: 'bitmapScans',
  async read(session) {
    const { rows } = await session.read({ text }, 5_000)
    return rows.map(([table, fetched, pages]) => ({
      table: table ?? '',
      rows: Number(fetched),
      pagesRead: Number(pages),
    }))
  },
}
