import { useMemo, useState } from 'preact/hooks'
import type { JSX } from 'preact'
import type { z } from 'zod'
import { nameOfCalc, reduce } from '../fields/reduce.ts'
import { display, scaleOf } from '../fields/display.ts'
import { signOf } from '../fields/colours.ts'
import { shownFields } from '../fields/shown-fields.ts'
import type { ShownField } from '../fields/shown-fields.ts'
import { numbersOf } from '../data/frame.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { tableOptions } from '../model/panel-kind.ts'
import { NoData } from './no-data.tsx'
import { seriesAsTable, tableRows } from './table-rows.ts'
import type { TableSort } from './table-rows.ts'
import { linksOf } from './view-context.ts'
import type { ViewProperties } from './view-context.ts'

type Options = z.infer<typeof tableOptions>

/** What a panel says when it has nothing is too long for a cell; a word may stand in one. */
const longestEmpty = 12

/** A browser lays out so many rows without a pause. */
const mostRows = 200

/** Rows and columns; a click on a heading sorts by it. */
export function TableView(properties: ViewProperties<Options>): JSX.Element {
  const { title, options, config, data } = properties
  const fields = useMemo(() => shownFields(seriesAsTable(data.frames), config, data.scope), [data, config])
  const [sort, setSort] = useState<TableSort | null>(() => {
    const [first] = options.sortBy
    return first === undefined ? null : { column: first.displayName, isFalling: first.desc }
  })
  const [isWhole, setWhole] = useState(false)
  const { columns, rows } = tableRows(fields, sort)
  if (rows.length === 0) return <NoData config={config} />
  const shown = isWhole ? rows : rows.slice(0, mostRows)
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={`Table of ${title}`}>
      <table class="board-table">
        <colgroup>
          {columns.map(({ name, settings }) => (
            <col
              key={name}
              style={settings.custom.width === undefined ? {} : { width: `${settings.custom.width}px` }}
            />
          ))}
        </colgroup>
        {options.showHeader && (
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading key={column.name} column={column} sort={sort} onSort={setSort} />
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {shown.map((row) => (
            <tr key={row}>
              {columns.map((column) => (
                <CellView key={column.name} column={column} row={row} properties={properties} />
              ))}
            </tr>
          ))}
        </tbody>
        {options.footer.show && (
          <tfoot>
            <tr>
              {columns.map((column, index) => (
                <td key={column.name} class={alignmentOf(column)}>
                  {footerText(column, options.footer.reducer[0] ?? 'sum', index === 0, properties)}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
      {shown.length < rows.length && (
        <p class="note">
          The first {shown.length} of {rows.length} rows.{' '}
          <button type="button" onClick={() => setWhole(true)}>
            Show all
          </button>
        </p>
      )}
    </div>
  )
}

function footerText(
  { field, settings }: ShownField,
  calc: string,
  isFirst: boolean,
  { context }: ViewProperties<Options>,
): string {
  if (field.kind !== 'number') return isFirst ? nameOfCalc(calc) : ''
  return display(reduce(calc, numbersOf(field)), settings, context.nowMs).text
}

function alignmentOf({ field, settings }: ShownField): string {
  const { align } = settings.custom
  return `align-${align !== 'auto' ? align : field.kind === 'number' ? 'right' : 'left'}`
}

function Heading({
  column,
  sort,
  onSort,
}: {
  readonly column: ShownField
  readonly sort: TableSort | null
  readonly onSort: (sort: TableSort | null) => void
}): JSX.Element {
  const { name, field, settings } = column
  const present = sort?.column === name ? sort : null
  // Numbers are looked at from the largest on, names from A on; a third click undoes it.
  const first = field.kind === 'number'
  const next = present === null ? first : present.isFalling === first ? !first : null
  const order = present === null ? 'none' : present.isFalling ? 'descending' : 'ascending'
  return (
    <th scope="col" aria-sort={order} class={alignmentOf(column)}>
      <button
        type="button"
        title={settings.description === '' ? `Sort by ${name}` : settings.description}
        onClick={() => onSort(next === null ? null : { column: name, isFalling: next })}
      >
        {name}
        <span class="sort-sign" aria-hidden="true">
          {present === null ? '' : present.isFalling ? ' ▼' : ' ▲'}
        </span>
      </button>
    </th>
  )
}

function CellView({
  column,
  row,
  properties,
}: {
  readonly column: ShownField
  readonly row: number
  readonly properties: ViewProperties<Options>
}): JSX.Element {
  const { context, data } = properties
  const { field, settings } = column
  const value = field.values[row] ?? null
  const { type } = settings.custom.cellOptions
  const isColoured = type !== 'auto' || settings.mappings.length > 0
  const scale = scaleOf(settings, type === 'gauge' ? numbersOf(field) : [])
  const unit = field.kind === 'time' && settings.unit === '' ? 'dateTimeAsLocal' : settings.unit
  const shown = display(value, { ...settings, unit }, context.nowMs, scale)
  const colour = isColoured ? shown.colour : null
  const tone = colour?.tone ?? 'neutral'
  const [link] = linksOf(column, row, shown.text, data, context)
  const sign = signOf[tone]
  const words = (
    <>
      {sign !== '' && <span aria-hidden="true">{sign} </span>}
      {value === null && settings.noValue.length > longestEmpty ? '–' : shown.text}
    </>
  )
  return (
    <td
      class={`${alignmentOf(column)}${type === 'color-background' ? ` on-${tone}` : ''}`}
      data-tone={tone}
      style={{
        ...(type === 'color-background' ? {} : { color: colour?.css }),
        // A table takes the width of a column as its least.
        ...(settings.custom.width === undefined ? {} : { maxWidth: `${settings.custom.width}px` }),
      }}
    >
      {type === 'gauge' && typeof value === 'number' && (
        <span class="bar-track cell-bar">
          <span
            class="bar-part"
            style={{
              width: `${Math.min(100, Math.max(0, ((value - scale.min) / (scale.max - scale.min)) * 100))}%`,
              background: shown.colour?.css ?? 'var(--series-0)',
            }}
          />
        </span>
      )}
      {link === undefined ? words : <LinkTo to={link}>{words}</LinkTo>}
    </td>
  )
}
