import { fileWriter, ParquetWriter } from 'hyparquet-writer'
import { metricNameLabel, labelRecord, labelValue } from '../../common/series/label-set.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import type { SeriesSamples } from '../../common/series/samples.ts'

/** Rows of one row group; what is in memory. */
const rowsPerGroup = 250_000

/**
 * Writes samples as a Parquet file, one row per sample: `__name__` and `labels` (the other labels as a JSON object) as
 * text, `timestamp` as milliseconds in UTC, `value` as a double.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function writeParquet(file: string, pieces: AsyncIterable<SeriesSamples>): Promise<void> {
  const writer = new ParquetWriter({
    writer: fileWriter(file),
    schema: [
      { name: 'root', num_children: 4 },
      { name: metricNameLabel, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'labels', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
      { name: 'timestamp', type: 'INT64', converted_type: 'TIMESTAMP_MILLIS', repetition_type: 'REQUIRED' },
      { name: 'value', type: 'DOUBLE', repetition_type: 'REQUIRED' },
    ],
  })
  let rows = createRows()
  const flush = async (): Promise<void> => {
    if (rows.names.length === 0) return
    await writer.write({
      columnData: [
        { name: metricNameLabel, data: rows.names },
        { name: 'labels', data: rows.labels },
        { name: 'timestamp', data: rows.timestamps },
        { name: 'value', data: rows.values },
      ],
      rowGroupSize: rowsPerGroup,
    })
    rows = createRows()
  }
  for await (const { labels, timestamps, values } of pieces) {
    const name = labelValue(labels, metricNameLabel)
    const text = JSON.stringify(labelRecord(withoutName(labels)))
    for (let i = 0; i < timestamps.length; i++) {
      rows.names.push(name)
      rows.labels.push(text)
      rows.timestamps.push(new Date(timestamps[i]!))
      rows.values.push(values[i]!)
      if (rows.names.length === rowsPerGroup) await flush()
    }
  }
  await flush()
  await writer.finish()
}

function withoutName(labels: LabelSet): LabelSet {
  return labels.filter((_, i) => labels[i - (i % 2)] !== metricNameLabel)
}

function createRows(): { names: string[]; labels: string[]; timestamps: Date[]; values: number[] } {
  return { names: [], labels: [], timestamps: [], values: [] }
}
