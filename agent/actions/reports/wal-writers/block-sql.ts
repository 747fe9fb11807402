/** Rows that `blockSql` gives. */
export interface BlockRow {
  readonly tablespace: string
  readonly database: string
  readonly filenode: string
  readonly bytes: number
  readonly imageBytes: number
  readonly images: number
  readonly records: number
}

/**
 * SQL that adds up, by file of a relation, what the records between the positions $1 and $2 hold. A record's bytes are those of its
 * blocks, and what belongs to none of them is divided among them; what a record without a block has is in no row. The last column
 * is where the first of the records begins.
 * @param schema of pg_walinspect, quoted
 */
export function blockSql(schema: string, versionNumber: number): string {
  const blocks = versionNumber >= 160_000 ? byBlock(schema) : byRecord(schema)
  return `
with block as (${blocks})
select tablespace, database, filenode,
       sum(bytes)                                                          as bytes,
       sum(image)                                                          as image_bytes,
       count(*) filter (where image > 0)                                   as images,
       count(distinct start_lsn)                                           as records,
       min(start_lsn)                                                      as first_lsn
  from block
 group by tablespace, database, filenode`
}

function byBlock(schema: string): string {
  return `
  select start_lsn, reltablespace as tablespace, reldatabase as database, relfilenode as filenode,
         block_fpi_length as image,
         block_fpi_length + block_data_length
           + (record_length - sum(block_fpi_length + block_data_length) over own)
             / count(*) over own::numeric                                  as bytes
    from ${schema}.pg_get_wal_block_info($1::pg_lsn, $2::pg_lsn, false)
  window own as (partition by start_lsn)`
}

/**
 * Version 15 has the blocks of a record in a text alone, `blkref #0: rel 1663/5/1259 fork main blk 0 (FPW); hole: offset: 212, length: 64`;
 * of an image the length is that of a page less its hole and what compression saved. Regular expressions take ten times as long.
 */
function byRecord(schema: string): string {
  return `
  select start_lsn,
         split_part(relation, '/', 1)::oid                                 as tablespace,
         split_part(relation, '/', 2)::oid                                 as database,
         split_part(relation, '/', 3)::oid                                 as filenode,
         image,
         image + (record_length - sum(image) over own) / count(*) over own::numeric as bytes
    from (select r.start_lsn, r.record_length,
                 split_part(split_part(b.text, 'rel ', 2), ' ', 1)         as relation,
                 case when strpos(b.text, ' (FPW') = 0 then 0
                      else current_setting('block_size')::int
                           - split_part(split_part(b.text, ', length: ', 2), ',', 1)::int
                           - coalesce(nullif(split_part(split_part(b.text, 'saved: ', 2), ',', 1), '')::int, 0)
                 end                                                       as image
            from ${schema}.pg_get_wal_records_info($1::pg_lsn, $2::pg_lsn) r
           cross join lateral string_to_table(r.block_ref, 'blkref #') as b (text)
           where b.text <> '') parts
  window own as (partition by start_lsn)`
}
