import { parseValue } from '../../../common/series/exposition/value.ts'
import { readCsvFormat } from './csv-format.ts'
import { splitCsvLine } from './csv-text.ts'
import type { CreateLineReader } from './line-reader.ts'

/**
 * CSV as VictoriaMetrics takes it: the `format` parameter says which columns are metrics, labels and the time. A
 * metric's empty cell is no sample; a first line without any number is a heading.
 */
export const readCsvLines: CreateLineReader = (intake, { parameters, nowMs }) => {
  const { columns, last } = readCsvFormat(parameters.get('format') ?? '')
  let isFirst = true
  return (text) => {
    const line = text.endsWith('\r') ? text.slice(0, -1) : text
    if (line === '') return undefined
    const cells = splitCsvLine(line)
    if (cells === undefined) return 'a quote does not end'
    const mayBeHeading = isFirst
    isFirst = false
    if (cells.length < last) return `there are ${cells.length} columns, and ${last} in the format`
    let timestampMs = nowMs
    const labels: string[] = []
    const samples: { name: string; value: number }[] = []
    let problem: string | undefined
    let numbers = 0
    for (const column of columns) {
      const cell = cells[column.position - 1]!
      if (column.kind === 'label') labels.push(column.name, cell)
      else if (column.kind === 'time') {
        const time = column.parse(cell)
        if (time === undefined) problem ??= `column ${column.position} is no time of that format`
        else timestampMs = time
      } else if (cell !== '') {
        const value = parseValue(cell)
        if (value === undefined) problem ??= `column ${column.position} is no number`
        else numbers = samples.push({ name: column.name, value })
      }
    }
    if (problem !== undefined) return mayBeHeading && numbers === 0 ? undefined : problem
    for (const { name, value } of samples) {
      intake.sample(intake.series(undefined, ['__name__', name, ...labels]), timestampMs, value)
    }
    return undefined
  }
}
