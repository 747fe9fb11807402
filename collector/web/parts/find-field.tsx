import type { JSX } from 'preact'
import { navigate } from '../state/route.ts'

/** A field that narrows a page; what is asked for stands in the address. */
export function FindField({
  page,
  text,
  what,
}: {
  readonly page: string
  readonly text: string
  readonly what: string
}): JSX.Element {
  return (
    <search class="finder">
      <input
        type="search"
        placeholder={`${what} ( / )`}
        aria-label={what}
        value={text}
        onInput={({ currentTarget: { value } }) =>
          navigate(value === '' ? page : `${page}?${new URLSearchParams({ q: value }).toString()}`, {
            replace: true,
          })
        }
      />
    </search>
  )
}
