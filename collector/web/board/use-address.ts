import { useCallback } from 'preact/hooks'
import { navigate, useLocation } from '../state/route.ts'

/** Parameters to set, or with null to take away. */
export type AddressChange = Readonly<Record<string, string | readonly string[] | null>>

export interface Address {
  readonly search: URLSearchParams
  /** Goes to the address with these parameters; a step that the Back button undoes unless it replaces. */
  readonly change: (change: AddressChange, options?: { readonly replace?: boolean }) => void
}

/** The parameters of the present address, and a way to change some of them. */
export function useAddress(): Address {
  const { path, search } = useLocation()
  const change = useCallback<Address['change']>(
    (parts, options) => {
      const query = changedSearch(search, parts).toString()
      navigate(query === '' ? path : `${path}?${query}`, options)
    },
    [path, search],
  )
  return { search, change }
}

/** Other parameters stay as and where they are. */
export function changedSearch(search: URLSearchParams, change: AddressChange): URLSearchParams {
  const next = new URLSearchParams(search)
  for (const [name, value] of Object.entries(change)) {
    next.delete(name)
    if (value === null) continue
    for (const one of typeof value === 'string' ? [value] : value) next.append(name, one)
  }
  return next
}
