import { useState } from 'preact/hooks'
import type { JSX } from 'preact'
import { allInAddress } from '../variables/selection.ts'
import type { LoadedVariable } from '../variables/load-variables.ts'
import { Popover } from './popover.tsx'

interface Properties {
  readonly loaded: LoadedVariable
  /** The values to stand in the address. */
  readonly onChoose: (values: readonly string[]) => void
}

/** Lets the reader choose the value of a variable. */
export function VariableControl(properties: Properties): JSX.Element | null {
  const { variable, selection, choices } = properties.loaded
  if (variable.hide === 2 || variable.type === 'datasource' || variable.type === 'constant') return null
  const label = variable.label ?? variable.name
  if (variable.type === 'textbox') {
    return (
      <label class="variable" title={variable.description ?? undefined}>
        {variable.hide === 0 && <span class="variable-label">{label}</span>}
        <input
          type="text"
          aria-label={label}
          value={selection.values[0] ?? ''}
          onChange={(event) => properties.onChoose([event.currentTarget.value])}
        />
      </label>
    )
  }
  const texts = new Map(choices.map(({ value, text }) => [value, text]))
  const shown = selection.isAll
    ? 'All'
    : selection.values.map((value) => texts.get(value) ?? value).join(', ') || 'None'
  return (
    <div class="variable" data-variable={variable.name} title={variable.description ?? undefined}>
      {variable.hide === 0 && (
        <span class="variable-label" aria-hidden="true">
          {label}
        </span>
      )}
      <Popover label={`${label}: ${shown}`} text={<span class="variable-value">{shown}</span>}>
        {(close) => <Choices {...properties} close={close} />}
      </Popover>
    </div>
  )
}

/** With fewer choices than this a filter is only in the way. */
const filterFrom = 8
/** More are found by typing. */
const mostShown = 300

function Choices({ loaded, onChoose, close }: Properties & { readonly close: () => void }): JSX.Element {
  const { variable, selection, choices, error } = loaded
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const gone = selection.isAll
    ? []
    : selection.values.filter((value) => choices.every((one) => one.value !== value))
  const all = [...gone.map((value) => ({ value, text: `${value} (not seen in this time)` })), ...choices]
  const found = all.filter(({ text }) => text.toLowerCase().includes(wanted))
  const only = (value: string): void => {
    onChoose([value])
    close()
  }
  const toggle = (value: string): void => {
    const present = selection.isAll ? [] : selection.values
    const next = present.includes(value) ? present.filter((one) => one !== value) : [...present, value]
    onChoose(next.length === 0 && variable.includeAll ? [allInAddress] : next)
  }
  return (
    <>
      {choices.length >= filterFrom && (
        <input
          type="search"
          placeholder="Filter"
          aria-label={`Filter ${variable.label ?? variable.name}`}
          value={filter}
          autofocus
          onInput={(event) => setFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && found[0] !== undefined) only(found[0].value)
          }}
        />
      )}
      {error !== null && <p class="panel-error">{error}</p>}
      <ul class="choices">
        {variable.includeAll && wanted === '' && (
          <li>
            <button
              type="button"
              class="choice"
              aria-pressed={selection.isAll}
              onClick={() => only(allInAddress)}
            >
              All
            </button>
          </li>
        )}
        {found.slice(0, mostShown).map(({ value, text }) => {
          const isChosen = !selection.isAll && selection.values.includes(value)
          return (
            <li key={value}>
              {variable.multi && (
                <input
                  type="checkbox"
                  aria-label={`${text} as well`}
                  checked={isChosen}
                  onChange={() => toggle(value)}
                />
              )}
              <button type="button" class="choice" aria-pressed={isChosen} onClick={() => only(value)}>
                {text}
              </button>
            </li>
          )
        })}
      </ul>
      {found.length === 0 && (
        <p class="soft">{all.length === 0 ? 'Nothing was found in this time.' : 'No match.'}</p>
      )}
      {found.length > mostShown && <p class="soft">and {found.length - mostShown} more</p>}
    </>
  )
}
