import type { BareForeignKey, ScannedTable } from '../../../common/insight/index-evidence.ts'
import type { IndexVerdict } from '../../../common/insight/index-view.ts'
import { filterColumns } from './filter-columns.ts'
import { quoteName } from './quote-name.ts'

/** An index that is not there. */
export interface MissingIndex {
  readonly schema: string
  readonly table: string
  readonly index: string
  readonly verdict: IndexVerdict
  readonly reasons: readonly string[]
  readonly definition: string | null
  readonly sizeBytes: number
  readonly writesPerDay: number | null
}

const longestName = 63

/** @param texts - of statements that name the table */
export function judgeScannedTable(table: ScannedTable, texts: readonly string[]): MissingIndex {
  const columns = filterColumns(texts, table)
  const { schema, sizeBytes, writesPerDay, scansPerDay, rowsReadPerDay } = table
  const rows = Math.round(rowsReadPerDay / Math.max(1e-9, scansPerDay))
  const read = `${schema}.${table.table} is read from end to end ${Math.round(scansPerDay)} times a day, ${rows} rows each time`
  const about = { schema, table: table.table, sizeBytes, writesPerDay }
  if (columns === undefined) {
    return {
      ...about,
      ...{ index: '', verdict: 'needs-evidence', definition: null },
      reasons: [read, 'by which columns cannot be told from the statements that are known'],
    }
  }
  const isIndexed = table.indexed.some((leads) =>
    columns.every((column, i) => leads.slice(0, columns.length).includes(column) && i < leads.length),
  )
  if (isIndexed) {
    return {
      ...about,
      ...{ index: '', verdict: 'needs-evidence', definition: null },
      reasons: [
        read,
        `statements find rows by ${columns.join(', ')}, for which there is an index that they do not use`,
      ],
    }
  }
  return {
    ...about,
    ...propose(schema, table.table, columns),
    verdict: 'create',
    reasons: [read, `statements find rows by ${columns.join(', ')}, for which there is no index`],
  }
}

export function judgeForeignKey(key: BareForeignKey): MissingIndex {
  const { schema, table, sizeBytes, writesPerDay, constraint, columns, referenced } = key
  return {
    ...{ schema, table, sizeBytes, writesPerDay, verdict: 'create' },
    ...propose(schema, table, columns),
    reasons: [
      `foreign key ${constraint} has no index: each delete or change of a key in ${referenced} reads ${schema}.${table} from end to end`,
    ],
  }
}

function propose(schema: string, table: string, columns: readonly string[]) {
  const index = [table, ...columns, 'idx'].join('_').slice(0, longestName)
  const list = columns.map(quoteName).join(', ')
  return {
    index,
    definition: `CREATE INDEX CONCURRENTLY ${quoteName(index)} ON ${quoteName(schema)}.${quoteName(table)} USING btree (${list})`,
  }
}
