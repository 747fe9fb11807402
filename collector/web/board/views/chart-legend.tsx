import type { JSX } from 'preact'
import { Swatch } from '../../chart/swatch.tsx'
import { numbersOf } from '../data/frame.ts'
import { display } from '../fields/display.ts'
import { nameOfCalc, reduce } from '../fields/reduce.ts'
import type { FieldSettings } from '../model/field-settings.ts'
import type { LegendOptions } from '../model/panel-kind.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { FieldLine } from './chart-data.ts'
import { linksOf } from './view-context.ts'
import type { ViewProperties } from './view-context.ts'

interface Properties {
  readonly lines: readonly FieldLine[]
  readonly options: LegendOptions
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (name: string, isOnly: boolean) => void
  readonly properties: ViewProperties<unknown>
}

/** What the lines are, with figures of each; a click hides or shows one, with Ctrl all others. */
export function ChartLegend({
  lines,
  options,
  hidden,
  onToggle,
  properties,
}: Properties): JSX.Element | null {
  const listed = lines.filter(({ shown }) => shown.settings.custom.hideFrom.legend !== true)
  if (!options.showLegend || options.displayMode === 'hidden' || listed.length === 0) return null
  const calcs = options.calcs.length > 0 ? options.calcs : ['lastNotNull']
  const ordered = sorted(listed, options)
  const { nowMs } = properties.context
  const figure = (one: FieldLine, calc: string): string =>
    display(reduce(calc, numbersOf(one.shown.field)), plain(one.shown.settings), nowMs).text
  if (options.displayMode === 'list') {
    return (
      <ul class="legend-list">
        {ordered.map((one) => (
          <li key={one.line.name}>
            <Name one={one} hidden={hidden} onToggle={onToggle} />
            {calcs.map((calc) => (
              <span key={calc} class="legend-figure" title={nameOfCalc(calc)}>
                {calcs.length > 1 && <span class="soft">{nameOfCalc(calc)} </span>}
                {figure(one, calc)}
              </span>
            ))}
          </li>
        ))}
      </ul>
    )
  }
  return (
    <div class="legend-scroll" tabIndex={0} role="region" aria-label={`Lines of ${properties.title}`}>
      <table class="legend-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Line</span>
            </th>
            {calcs.map((calc) => (
              <th scope="col" key={calc}>
                {nameOfCalc(calc)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ordered.map((one) => {
            const [link] = linksOf(one.shown, null, '', properties.data, properties.context)
            return (
              <tr key={one.line.name}>
                <th scope="row">
                  <Name one={one} hidden={hidden} onToggle={onToggle} />
                  {link !== undefined && (
                    <LinkTo to={link} class="legend-link">
                      <span aria-hidden="true">→</span>
                      <span class="visually-hidden">{link.title}</span>
                    </LinkTo>
                  )}
                </th>
                {calcs.map((calc) => (
                  <td key={calc}>{figure(one, calc)}</td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** In a legend a line has the colour of its line; that of its value would be a second one. */
function plain(settings: FieldSettings): FieldSettings {
  return settings.noValue === '' ? settings : { ...settings, noValue: '' }
}

function sorted(lines: readonly FieldLine[], { sortBy, sortDesc }: LegendOptions): readonly FieldLine[] {
  if (sortBy === undefined || sortBy === '') return lines
  const calc = ['lastNotNull', 'last', 'max', 'min', 'mean', 'sum'].find(
    (one) => nameOfCalc(one) === sortBy || one === sortBy || `${nameOfCalc(one)} *` === sortBy,
  )
  if (calc === undefined) return lines
  const value = ({ shown }: FieldLine): number => reduce(calc, numbersOf(shown.field)) ?? -Infinity
  return lines.toSorted((a, b) => (sortDesc === false ? value(a) - value(b) : value(b) - value(a)))
}

function Name({
  one: { line },
  hidden,
  onToggle,
}: {
  readonly one: FieldLine
  readonly hidden: ReadonlySet<string>
  readonly onToggle: (name: string, isOnly: boolean) => void
}): JSX.Element {
  return (
    <button
      type="button"
      class="legend-name"
      aria-pressed={!hidden.has(line.name)}
      title={`${line.name}: show or hide; with Ctrl, show it alone`}
      onClick={(event) => onToggle(line.name, event.ctrlKey || event.metaKey)}
    >
      <Swatch colour={line.colour} dash={line.dash} />
      <span>{line.name}</span>
    </button>
  )
}
