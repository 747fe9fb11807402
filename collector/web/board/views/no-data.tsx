import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { JSX } from 'preact'
import { fieldResolver } from '../fields/resolve-field.ts'
import type { FieldConfig } from '../model/field-settings.ts'

/** Why nothing of the board's selection can have data, where that is known; the board says it once. */
export const Silence = createContext<string | null>(null)

/**
 * What a panel shows when its queries found nothing: the board's own words. They are about servers that are measured,
 * so where nothing is, they would mislead.
 */
export function NoData({
  config,
  isLarge = false,
}: {
  readonly config: FieldConfig
  readonly isLarge?: boolean
}): JSX.Element {
  const isSilent = useContext(Silence) !== null
  const { noValue } = fieldResolver(config)({ name: '', refId: '', kind: 'number' })
  const text = isSilent || noValue === '' ? 'No data' : noValue
  return (
    <div class={isLarge && text === noValue && noValue.length <= 12 ? 'no-data no-data-large' : 'no-data'}>
      <p>{text}</p>
    </div>
  )
}
