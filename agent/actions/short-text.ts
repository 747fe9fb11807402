import { hideSecrets } from '../../common/hide-secrets.ts'

/** A statement of others on one line, without secrets, and no longer than `length`. */
export function shortText(text: string, length = 200): string {
  const flat = hideSecrets(text).replaceAll(/\s+/g, ' ').trim()
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`
}
